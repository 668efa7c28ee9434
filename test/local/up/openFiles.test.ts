/** `chaosgate up` that may open few files: kubectl gets in, whatever the clients of its gates do. */
import { expect, test } from 'vitest';
import { connectMany } from '../../gate/support/many.ts';
import { Peer } from '../../gate/support/peer.ts';
import { TestServer } from '../../gate/support/server.ts';
import { until } from '../../gate/support/time.ts';
import { aGate, portIn, startUp } from './support/up.ts';

const LIMIT = 1_024;
const ACCEPT = '{"spec":{"newConnections":"Accept"}}';

/** As servers do that have no more to say. */
function closesToo(peer: Peer): void {
  peer.socket.on('end', () => peer.finish());
}

test.each(['Hold', 'Accept'])(
  'kubectl gets in under newConnections %s, and a new gate its port',
  { timeout: 120_000 },
  async (newConnections) => {
    const server = await TestServer.listen({ onPeer: closesToo });
    const upstream = { host: '127.0.0.1', port: server.port };
    const { up, kubectl } = await startUp({
      gates: aGate('flooded', { upstream, listen: { port: server.port + 1 }, newConnections }),
      shell: `ulimit -n ${LIMIT}; exec "$0" "$1" up -f gates.yaml --output json`,
    });
    const port = portIn(await up.untilReady('flooded'));
    const clients = await connectMany(port, LIMIT + 300);
    const { port: api } = new URL(
      await kubectl.run('config', 'view', '-o', 'jsonpath={.clusters[0].cluster.server}'),
    );
    await connectMany(Number(api), 200);
    const message = '{.status.conditions[?(@.type=="Ready")].message}';
    const told = await kubectl.run('get', 'tg', 'flooded', '-o', `jsonpath=${message}`);
    expect(told).toContain(`its limit of ${LIMIT} open files`);
    await kubectl.pipe(aGate('another', { upstream }), 'apply', '-f', '-');
    await up.untilReady('another');
    for (const { socket } of clients) socket.destroy();
    await kubectl.run('patch', 'tg', 'flooded', '--type=merge', '-p', ACCEPT);
    const client = await Peer.connect(port);
    client.send('hello');
    await until('it is served', () => server.peers.some(({ text }) => text === 'hello'));
  },
);
