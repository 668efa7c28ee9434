import { describe, expect, test } from 'vitest';
import { type Pair, startBench } from './support/bench.ts';
import { bytesOf } from './support/bytes.ts';
import { joint } from './support/joint.ts';
import type { Peer } from './support/peer.ts';
import { expectTook, settled } from './support/time.ts';

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
    const bench = await startBench();
    const pairs = await bench.openMany(5);
    pairs[0]?.client.send('spoken');
    await pairs[0]?.server.receives('spoken');
    await bench.set({ disconnect: { nonce: 'a', how } });
    for (const pair of pairs) await seen(pair);
    expect(bench.active).toBe(0);
    expect(bench.told.closed).toEqual(Array.from({ length: 5 }, () => 'Disconnected'));
    await alive(await bench.open());
  });

  test('closes so many, the oldest first', async () => {
    const bench = await startBench();
    const [first, second, third] = await bench.openMany(3);
    await bench.set({ disconnect: { nonce: 'a', how, count: 2 } });
    await seen(first);
    await seen(second);
    await alive(third);
    const fourth = await bench.open();
    await bench.set({ disconnect: { nonce: 'b', how, count: 1 } });
    await seen(third);
    await alive(fourth);
  });

  test('closes all when the count is larger than that', async () => {
    const bench = await startBench();
    const pairs = await bench.openMany(2);
    await bench.set({ disconnect: { nonce: 'a', how, count: 1_000_000 } });
    for (const pair of pairs) await seen(pair);
  });

  test('reaches connections that a stall has blocked', async () => {
    const bench = await startBench({ toServer: { stall: {} }, toClient: { stall: {} } });
    const pair = await bench.open();
    for (const peer of [pair.client, pair.server]) {
      peer.sendInPieces(bytesOf(16 * 2 ** 20));
      await settled(() => peer.taken);
    }
    await bench.set({ disconnect: { nonce: 'a', how } });
    await seen(pair);
    expect([pair.client.length, pair.server.length]).toEqual([0, 0]);
  });

  test('reaches half-closed connections', async () => {
    const bench = await startBench();
    const [fromClient, fromServer] = await bench.openMany(2);
    fromClient.client.finish();
    await fromClient.server.seesFin();
    fromServer.server.finish();
    await fromServer.client.seesFin();
    await bench.set({ disconnect: { nonce: 'a', how } });
    await HOW[how](fromClient.client);
    await HOW[how](fromServer.server);
    await bench.counts(0);
  });

  test('goes together with newConnections', async () => {
    const bench = await startBench();
    const pair = await bench.open();
    await bench.set({ disconnect: { nonce: 'a', how }, newConnections: 'Refuse' });
    await seen(pair);
    await expect(bench.connect()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});

describe('disconnect', () => {
  test('resets connections of which an end does not read', async () => {
    const bench = await startBench();
    const { client, server } = await bench.open();
    client.pause();
    server.sendInPieces(bytesOf(32 * 2 ** 20));
    await settled(() => server.taken);
    await bench.set({ disconnect: { nonce: 'a', how: 'Reset' } });
    await server.seesReset();
    client.resume();
    await client.seesReset();
  });

  test('runs once for a nonce, whatever else changes', async () => {
    const bench = await startBench();
    await bench.set({ disconnect: { nonce: 'a' } });
    expect(bench.gate.state.disconnectNonce).toBe('a');
    const pair = await bench.open();
    await bench.set({});
    await bench.set({ disconnect: { nonce: 'a', how: 'Reset', count: 1 } });
    await bench.set({ toServer: { delay: { milliseconds: 1 } } });
    await bench.set({ disconnect: undefined });
    await bench.set({ disconnect: { nonce: 'a' } });
    await alive(pair);
    await bench.set({ disconnect: { nonce: 'b' } });
    await pair.client.seesFin();
    expect(bench.gate.state).toMatchObject({ disconnectNonce: 'b', disconnectClosed: 1 });
  });

  test('does not run a nonce that was run elsewhere, and reports it as run', async () => {
    const bench = await startBench();
    const pair = await bench.open();
    await bench.set({ disconnect: { nonce: 'a' } }, { disconnectedNonce: 'a' });
    await alive(pair);
    expect(bench.gate.state.disconnectNonce).toBe('a');
    expect(bench.gate.state.disconnectClosed).toBeUndefined();
    await bench.set({ disconnect: { nonce: 'b' } }, { disconnectedNonce: 'a' });
    await pair.client.seesFin();
  });

  test('leaves clients on hold alone', async () => {
    const bench = await startBench({ newConnections: 'Hold' });
    const client = await bench.connect();
    await bench.set({ disconnect: { nonce: 'a' } });
    await client.seesNothingMore();
    await bench.set({ newConnections: 'Accept' });
    await bench.server.accept();
    await bench.counts(1);
  });
});

describe('a close in order', () => {
  test('sends FIN, and not RST, to a client whose bytes the gate has not read', async () => {
    const { connection, client, server, inner } = await joint();
    client.send(bytesOf(1_000));
    await server.receives(1_000);
    server.pause();
    client.sendInPieces(bytesOf(16 * 2 ** 20));
    await settled(() => client.taken);
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
