/** A proxy that may open few files: anyone who has to look after it or lift a fault gets in, whatever its clients do. */
import { describe, expect, test } from 'vitest';
import { Child } from './support/child.ts';
import { IDENTITY, proxyFolders } from './support/folders.ts';
import { connectMany } from './support/many.ts';
import { Peer } from './support/peer.ts';
import { freePorts, get, proxyCommand, snapshotOf, TestLink } from './support/proxy.ts';
import { TestServer } from './support/server.ts';
import { until } from './support/time.ts';

/** Of most shells, and of many systems' services. */
const LIMIT = 1_024;

async function started(patch: object = {}) {
  const server = await TestServer.listen({ onPeer: closesToo });
  const ports = await freePorts();
  const folders = await proxyFolders({ mounted: snapshotOf(1, server, patch) });
  const child = Child.start('proxy.ts', proxyCommand(folders, ports), [
    'sh',
    '-c',
    `ulimit -n ${LIMIT} && exec "$0" "$@"`,
  ]);
  await child.says(/"msg":"Proxy started"/);
  return { server, ports, folders };
}

/** As servers do that have no more to say. */
function closesToo(peer: Peer): void {
  peer.socket.on('end', () => peer.finish());
}

describe.each(['Hold', 'Accept'])('under newConnections %s', (newConnections) => {
  test('probes and the operator get in, however many clients there are and were', async () => {
    const { server, ports, folders } = await started({ newConnections });
    const clients = await connectMany(ports.gate, LIMIT + 300);
    for (const port of [ports.http, ports.control]) await connectMany(port, 200);
    expect(await get(ports.http, '/readyz')).toMatchObject({ status: 200 });
    expect((await get(ports.http, '/metrics')).text).toMatch(
      /connections_over_limit_total\{.*\} \d{2,}/,
    );
    const link = new TestLink(ports.control, folders.key, IDENTITY);
    await link.push(snapshotOf(2, server, { newConnections: 'Refuse' }));
    expect(link.state.report?.overLimit).toContain(`its limit of ${LIMIT} open files`);
    for (const { socket } of clients) socket.destroy();
    await link.push(snapshotOf(3, server, { newConnections: 'Accept' }));
    await until('all are gone', () => link.state.report?.connections.active === 0);
    const client = await Peer.connect(ports.gate);
    client.send('hello');
    await until('it is served', () => server.peers.some(({ text }) => text === 'hello'));
  });
});
