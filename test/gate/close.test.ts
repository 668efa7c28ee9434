import { describe, expect, test } from 'vitest';
import { startBench } from './support/bench.ts';
import { bytesOf } from './support/bytes.ts';
import { Child } from './support/child.ts';
import { Peer } from './support/peer.ts';
import { expectTook, settled, until } from './support/time.ts';

describe('a gate that closes', () => {
  test('closes its connections in order and waits for that', async () => {
    const bench = await startBench();
    const pairs = await bench.openMany(10);
    const closed = bench.gate.close();
    for (const { client, server } of pairs) {
      await client.seesFin();
      await server.seesFin();
      client.finish();
      server.finish();
    }
    await closed;
    expect(bench.active).toBe(0);
    expect(bench.told.closed).toEqual(pairs.map(() => 'GateClosed'));
  });

  test('takes no more clients on', async () => {
    const bench = await startBench();
    const { port } = bench.gate.state;
    await bench.gate.close();
    await expect(Peer.connect(port)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  test('resets clients on hold', async () => {
    const bench = await startBench({ newConnections: 'Hold' });
    const client = await bench.connect();
    await until('it is held', () => bench.gate.state.connections.held === 1);
    await bench.gate.close();
    await client.seesReset();
    await until('none is held', () => bench.gate.state.connections.held === 0);
  });

  test('does not wait for an end that does not read', async () => {
    const bench = await startBench();
    const { client, server } = await bench.open();
    client.pause();
    server.sendInPieces(bytesOf(32 * 2 ** 20));
    await settled(() => server.taken);
    const start = performance.now();
    await bench.gate.close();
    expectTook(performance.now() - start, 0, 5_000);
  });

  test('waits for connections that were closed shortly before', async () => {
    const bench = await startBench();
    const { client, server } = await bench.open();
    await bench.set({ disconnect: { nonce: 'a' } });
    await client.seesFin();
    await server.seesFin();
    const closed = bench.gate.close().then(() => performance.now());
    await client.seesNothingMore();
    const finished = performance.now();
    client.finish();
    server.finish();
    expect(await closed).toBeGreaterThanOrEqual(finished);
  });

  test('stays closed when a change comes after that', async () => {
    const bench = await startBench();
    const { port } = bench.gate.state;
    const closed = bench.gate.close();
    await bench.set({ newConnections: 'Accept' });
    await closed;
    await bench.set({ newConnections: 'Accept' });
    await expect(Peer.connect(port)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    expect(bench.gate.state.upstream).toEqual({ reachable: undefined });
  });

  test('has taken changes after one that failed, and closes all the same', async () => {
    const bench = await startBench();
    const { client, server } = await bench.open();
    const pattern = { pattern: 'no pattern (', replacement: '' };
    const toServer = { ...bench.config.toServer, substitute: [pattern] };
    const failing = bench.gate.apply({ ...bench.config, toServer });
    const following = bench.set({ toServer: { drop: {} } });
    await expect(failing).rejects.toThrow('missing closing )');
    await following;
    await bench.gate.listen(0);
    client.send('dropped');
    client.finish();
    await server.seesFin();
    expect(server.text).toBe('');
    server.finish();
    await bench.gate.close();
  });

  test('may be closed twice, and in the middle of changes', async () => {
    const bench = await startBench();
    const { client } = await bench.open();
    client.send('hello');
    const changes = Array.from({ length: 20 }, (_, index) =>
      bench.set({ newConnections: index % 2 === 0 ? 'Refuse' : 'Hold' }),
    );
    client.finish();
    bench.server.close();
    await Promise.all([...changes, bench.gate.close(), bench.gate.close()]);
    expect(bench.active).toBe(0);
  });
});

test('a process whose gate has closed has nothing left to do', async () => {
  const child = Child.start('livedGate.ts');
  expect(await child.exit()).toBe(0);
  expect(child.output).toBe('active 0 held 0 bytes 0\n');
});
