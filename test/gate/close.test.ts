import { describe, expect, test } from 'vitest';
import { bytesOf } from './support/bytes.ts';
import { Child } from './support/child.ts';
import { startHarness } from './support/harness.ts';
import { Peer } from './support/peer.ts';
import { expectTook, until, untilStable } from './support/time.ts';

describe('a gate that closes', () => {
  test('closes its connections in order and waits for that', async () => {
    const harness = await startHarness();
    const pairs = await harness.openMany(10);
    const closed = harness.gate.close();
    for (const { client, server } of pairs) {
      await client.seesFin();
      await server.seesFin();
      client.finish();
      server.finish();
    }
    await closed;
    expect(harness.active).toBe(0);
    expect(harness.observed.closed).toEqual(pairs.map(() => 'GateClosed'));
  });

  test('takes no more clients on', async () => {
    const harness = await startHarness();
    const { port } = harness.gate.state;
    await harness.gate.close();
    await expect(Peer.connect(port)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  test('resets clients on hold', async () => {
    const harness = await startHarness({ newConnections: 'Hold' });
    const client = await harness.connect();
    await until('it is held', () => harness.gate.state.connections.held === 1);
    await harness.gate.close();
    await client.seesReset();
    await until('none is held', () => harness.gate.state.connections.held === 0);
  });

  test('does not wait for an end that does not read', async () => {
    const harness = await startHarness();
    const { client, server } = await harness.open();
    client.pause();
    server.sendInPieces(bytesOf(32 * 2 ** 20));
    await untilStable(() => server.taken);
    const start = performance.now();
    await harness.gate.close();
    expectTook(performance.now() - start, 0, 5_000);
  });

  test('waits for connections that were closed shortly before', async () => {
    const harness = await startHarness();
    const { client, server } = await harness.open();
    await harness.set({ disconnect: { nonce: 'a' } });
    await client.seesFin();
    await server.seesFin();
    const closed = harness.gate.close().then(() => performance.now());
    await client.seesNothingMore();
    const finished = performance.now();
    client.finish();
    server.finish();
    expect(await closed).toBeGreaterThanOrEqual(finished);
  });

  test('stays closed when a change comes after that', async () => {
    const harness = await startHarness();
    const { port } = harness.gate.state;
    const closed = harness.gate.close();
    await harness.set({ newConnections: 'Accept' });
    await closed;
    await harness.set({ newConnections: 'Accept' });
    await expect(Peer.connect(port)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    expect(harness.gate.state.upstream).toEqual({ reachable: undefined });
  });

  test('has taken changes after one that failed, and closes all the same', async () => {
    const harness = await startHarness();
    const { client, server } = await harness.open();
    const pattern = { pattern: 'no pattern (', replacement: '' };
    const toServer = { ...harness.config.toServer, substitute: [pattern] };
    const failing = harness.gate.apply({ ...harness.config, toServer });
    const following = harness.set({ toServer: { drop: {} } });
    await expect(failing).rejects.toThrow('missing closing )');
    await following;
    await harness.gate.listen(0);
    client.send('dropped');
    client.finish();
    await server.seesFin();
    expect(server.text).toBe('');
    server.finish();
    await harness.gate.close();
  });

  test('may be closed twice, and in the middle of changes', async () => {
    const harness = await startHarness();
    const { client } = await harness.open();
    client.send('hello');
    const changes = Array.from({ length: 20 }, (_, index) =>
      harness.set({ newConnections: index % 2 === 0 ? 'Refuse' : 'Hold' }),
    );
    client.finish();
    harness.server.close();
    await Promise.all([...changes, harness.gate.close(), harness.gate.close()]);
    expect(harness.active).toBe(0);
  });
});

test('a process whose gate has closed has nothing left to do', async () => {
  const child = Child.start('livedGate.ts');
  expect(await child.exit()).toBe(0);
  expect(child.output).toBe('active 0 held 0 bytes 0\n');
});
