import { describe, expect, test } from 'vitest';
import { bytesOf } from './support/bytes.ts';
import { type Pair, startHarness } from './support/harness.ts';
import { joint } from './support/joint.ts';
import type { Peer } from './support/peer.ts';
import { expectTook, untilStable } from './support/time.ts';

const HOW = {
  Fin: (peer: Peer) => peer.seesFin(),
  Reset: (peer: Peer) => peer.seesReset(),
};
const BOTH = ['Fin', 'Reset'] as const;

async function alive({ client, server }: Pair): Promise<void> {
  client.send('alive');
  await server.receives('alive');
}

describe.each(BOTH)('disconnect %s', (how) => {
  const seen = async ({ client, server }: Pair) => {
    await HOW[how](client);
    await HOW[how](server);
  };

  test('closes every open connection, idle ones too, and lets new ones in', async () => {
    const harness = await startHarness();
    const pairs = await harness.openMany(5);
    pairs[0]?.client.send('spoken');
    await pairs[0]?.server.receives('spoken');
    await harness.set({ disconnect: { nonce: 'a', how } });
    for (const pair of pairs) await seen(pair);
    expect(harness.active).toBe(0);
    expect(harness.observed.closed).toEqual(Array.from({ length: 5 }, () => 'Disconnected'));
    await alive(await harness.open());
  });

  test('closes so many, the oldest first', async () => {
    const harness = await startHarness();
    const [first, second, third] = await harness.openMany(3);
    await harness.set({ disconnect: { nonce: 'a', how, count: 2 } });
    await seen(first);
    await seen(second);
    await alive(third);
    const fourth = await harness.open();
    await harness.set({ disconnect: { nonce: 'b', how, count: 1 } });
    await seen(third);
    await alive(fourth);
  });

  test('closes all when the count is larger than that', async () => {
    const harness = await startHarness();
    const pairs = await harness.openMany(2);
    await harness.set({ disconnect: { nonce: 'a', how, count: 1_000_000 } });
    for (const pair of pairs) await seen(pair);
  });

  test('reaches connections that a stall has blocked', async () => {
    const harness = await startHarness({ toServer: { stall: {} }, toClient: { stall: {} } });
    const pair = await harness.open();
    for (const peer of [pair.client, pair.server]) {
      peer.sendInPieces(bytesOf(16 * 2 ** 20));
      await untilStable(() => peer.taken);
    }
    await harness.set({ disconnect: { nonce: 'a', how } });
    await seen(pair);
    expect([pair.client.length, pair.server.length]).toEqual([0, 0]);
  });

  test('reaches half-closed connections', async () => {
    const harness = await startHarness();
    const [fromClient, fromServer] = await harness.openMany(2);
    fromClient.client.finish();
    await fromClient.server.seesFin();
    fromServer.server.finish();
    await fromServer.client.seesFin();
    await harness.set({ disconnect: { nonce: 'a', how } });
    await HOW[how](fromClient.client);
    await HOW[how](fromServer.server);
    await harness.counts(0);
  });

  test('goes together with newConnections', async () => {
    const harness = await startHarness();
    const pair = await harness.open();
    await harness.set({ disconnect: { nonce: 'a', how }, newConnections: 'Refuse' });
    await seen(pair);
    await expect(harness.connect()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});

describe('disconnect', () => {
  test('resets connections of which an end does not read', async () => {
    const harness = await startHarness();
    const { client, server } = await harness.open();
    client.pause();
    server.sendInPieces(bytesOf(32 * 2 ** 20));
    await untilStable(() => server.taken);
    await harness.set({ disconnect: { nonce: 'a', how: 'Reset' } });
    await server.seesReset();
    client.resume();
    await client.seesReset();
  });

  test('runs once for a nonce, whatever else changes', async () => {
    const harness = await startHarness();
    await harness.set({ disconnect: { nonce: 'a' } });
    expect(harness.gate.state.disconnectNonce).toBe('a');
    const pair = await harness.open();
    await harness.set({});
    await harness.set({ disconnect: { nonce: 'a', how: 'Reset', count: 1 } });
    await harness.set({ toServer: { delay: { milliseconds: 1 } } });
    await harness.set({ disconnect: undefined });
    await harness.set({ disconnect: { nonce: 'a' } });
    await alive(pair);
    await harness.set({ disconnect: { nonce: 'b' } });
    await pair.client.seesFin();
    expect(harness.gate.state).toMatchObject({ disconnectNonce: 'b', disconnectClosed: 1 });
  });

  test('does not run a nonce that was run elsewhere, and reports it as run', async () => {
    const harness = await startHarness();
    const pair = await harness.open();
    await harness.set({ disconnect: { nonce: 'a' } }, { disconnectedNonce: 'a' });
    await alive(pair);
    expect(harness.gate.state.disconnectNonce).toBe('a');
    expect(harness.gate.state.disconnectClosed).toBeUndefined();
    await harness.set({ disconnect: { nonce: 'b' } }, { disconnectedNonce: 'a' });
    await pair.client.seesFin();
  });

  test('leaves clients on hold alone', async () => {
    const harness = await startHarness({ newConnections: 'Hold' });
    const client = await harness.connect();
    await harness.set({ disconnect: { nonce: 'a' } });
    await client.seesNothingMore();
    await harness.set({ newConnections: 'Accept' });
    await harness.server.accept();
    await harness.counts(1);
  });
});

describe('a close in order', () => {
  test('sends FIN, and not RST, to a client whose bytes the gate has not read', async () => {
    const { connection, client, server, inner } = await joint();
    client.send(bytesOf(1_000));
    await server.receives(1_000);
    server.pause();
    client.sendInPieces(bytesOf(16 * 2 ** 20));
    await untilStable(() => client.taken);
    connection.close('Fin', 'Disconnected');
    await client.seesFin();
    client.finish();
    server.finish();
    server.resume();
    await connection.gone;
    expect(client.error).toBeUndefined();
    expect(inner.client.destroyed).toBe(true);
  });

  test('does not wait for good for an end that does not close', async () => {
    const { connection, client, server } = await joint();
    const start = performance.now();
    connection.close('Fin', 'Disconnected');
    await client.seesFin();
    await server.seesFin();
    await connection.gone;
    expectTook(performance.now() - start, 1_000, 3_000);
  });

  test('is over as soon as both ends have closed too', async () => {
    const { connection, client, server } = await joint();
    const start = performance.now();
    connection.close('Fin', 'Disconnected');
    await client.seesFin();
    await server.seesFin();
    client.finish();
    server.finish();
    await connection.gone;
    expectTook(performance.now() - start, 0, 1_000);
  });
});
