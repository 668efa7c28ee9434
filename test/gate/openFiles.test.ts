/** A proxy that may open few files: anyone who has to look after it or lift a fault gets in, whatever its clients do. */
import { describe, expect, test } from 'vitest';
import { Child } from './support/child.ts';
import { configsOf, type Door, doorsOf, passes } from './support/doors.ts';
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
  await start(proxyCommand(folders, ports));
  return { server, ports, folders };
}

async function start(command: string[]): Promise<void> {
  const child = Child.start('proxy.ts', command, [
    'sh',
    '-c',
    `ulimit -n ${LIMIT} && exec "$0" "$@"`,
  ]);
  await child.says(/"msg":"Proxy started"/);
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

test('a gate gets all of its ports back, however many clients one of them has', async () => {
  const doors = (await doorsOf(false, true, true, true)) as [Door, Door, Door, Door];
  const [full, ...touched] = doors;
  const snapshot = (generation: number, newConnections: string) => ({
    ...snapshotOf(generation, full.server, { newConnections }),
    ports: configsOf(doors),
  });
  const folders = await proxyFolders({ mounted: snapshot(1, 'Refuse') });
  const { gate: _, ...ports } = await freePorts();
  await start(proxyCommand(folders, ports));
  const clients = await connectMany(full.config.listen, LIMIT);
  const link = new TestLink(ports.control, folders.key, IDENTITY);
  await until('all that it takes', () => link.state.report?.overLimit !== undefined);
  await link.push(snapshot(2, 'Accept'));
  expect(link.state.report?.listenError).toBeUndefined();
  for (const client of clients) client.reset();
  await until('all are gone', () => link.state.report?.connections.active === 0);
  for (const door of touched) await passes(await door.open());
});
