import { describe, expect, test } from 'vitest';
import { Budget } from '../../src/gate/budget.ts';
import { CHUNK_COST } from '../../src/gate/chunk.ts';
import { SMALLEST_READ } from '../../src/gate/memory.ts';
import { bytesOf } from './support/bytes.ts';
import { DIRECTIONS } from './support/ends.ts';
import {
  expectHolds,
  type GateHarness,
  type Pair,
  READ_BYTES,
  startHarness,
} from './support/harness.ts';
import { joint } from './support/joint.ts';
import { expectTook, until, untilStable } from './support/time.ts';

const MEGABYTE = 2 ** 20;
const HOUR = 3_600_000;
const held = { delay: { milliseconds: HOUR } };

/** Sends on all connections until none takes any more. */
async function fill(harness: GateHarness, pairs: readonly Pair[], bytes: number): Promise<void> {
  for (const [index, { client }] of pairs.entries()) client.sendInPieces(bytesOf(bytes, index));
  await untilStable(() => harness.observed.bytes.toServer);
}

describe('the bound of a connection', () => {
  test.each(DIRECTIONS)('stops its sender $direction, and lets it go on', async (ends) => {
    const { direction, sender, receiver } = ends;
    const harness = await startHarness({ [direction]: held }, { connectionBytes: MEGABYTE });
    const pair = await harness.open();
    const sent = bytesOf(48 * MEGABYTE);
    pair[sender].sendInPieces(sent);
    const taken = await untilStable(() => pair[sender].taken);
    expect(taken).toBeLessThan(24 * MEGABYTE);
    harness.expectHeld(MEGABYTE);
    expectHolds(harness.budget, harness.observed.bytes[direction]);
    await harness.set({ [direction]: {} });
    expect((await pair[receiver].receives(sent.length)).equals(sent)).toBe(true);
    expect(harness.budget.used).toBe(0);
  });

  test('is for each direction and each connection', async () => {
    const harness = await startHarness(
      { toServer: held, toClient: held },
      { connectionBytes: 256 * 1024 },
    );
    const pairs = await harness.openMany(4);
    await fill(harness, pairs, 2 * MEGABYTE);
    for (const { server } of pairs) server.sendInPieces(bytesOf(2 * MEGABYTE));
    await untilStable(() => harness.observed.bytes.toClient);
    harness.expectHeld(8 * 256 * 1024, 8);
  });

  test('caps a delayed stream, which keeps flowing', async () => {
    const harness = await startHarness(
      { toServer: { delay: { milliseconds: 100 } } },
      { connectionBytes: MEGABYTE },
    );
    const { client, server } = await harness.open();
    const sent = bytesOf(4 * MEGABYTE);
    const start = performance.now();
    client.sendInPieces(sent);
    expect((await server.receives(sent.length)).equals(sent)).toBe(true);
    // Less than the bound, and one read, per delay.
    expectTook(performance.now() - start, 300, 3_000);
  });
});

test('the sockets of a blocked direction keep no more than four reads besides', async () => {
  const { client, server, inner } = await joint();
  server.pause();
  client.sendInPieces(bytesOf(32 * MEGABYTE));
  await untilStable(() => client.taken);
  const kept = inner.client.readableLength + inner.server.writableLength;
  expect(inner.server.writableLength).toBeGreaterThan(0);
  expect(kept).toBeLessThanOrEqual(4 * READ_BYTES);
});

describe('the bound of a process', () => {
  test('stops all senders, gives each one small read, and lets all go on', async () => {
    const harness = await startHarness({ toServer: held }, { processBytes: MEGABYTE });
    const pairs = await harness.openMany(10);
    await fill(harness, pairs, 4 * MEGABYTE);
    // Who waits for its turn may not be woken for the last few bytes.
    expect(harness.budget.isShort).toBe(true);
    expect(harness.budget.used).toBeLessThanOrEqual(MEGABYTE + 10 * (SMALLEST_READ + CHUNK_COST));
    await harness.set({ toServer: {} });
    for (const [index, { server }] of pairs.entries()) {
      expect((await server.receives(4 * MEGABYTE)).equals(bytesOf(4 * MEGABYTE, index))).toBe(true);
    }
    expect(harness.budget.used).toBe(0);
  });

  test('does not stop connections that hold nothing', async () => {
    const budget = new Budget(MEGABYTE);
    const greedy = await startHarness({ toServer: held }, { budget });
    await fill(greedy, await greedy.openMany(2), 4 * MEGABYTE);
    expect(budget.isSpent).toBe(true);
    const other = await startHarness({}, { budget });
    const { client, server } = await other.open();
    const sent = bytesOf(16 * MEGABYTE);
    client.sendInPieces(sent);
    server.sendInPieces(sent);
    expect((await server.receives(sent.length)).equals(sent)).toBe(true);
    expect((await client.receives(sent.length)).equals(sent)).toBe(true);
  });

  test('lets connections that hold something go on read by read', async () => {
    const budget = new Budget(MEGABYTE);
    const greedy = await startHarness({ toServer: held }, { budget });
    await fill(greedy, await greedy.openMany(2), 4 * MEGABYTE);
    const other = await startHarness({ toServer: { delay: { milliseconds: 5 } } }, { budget });
    const { client, server } = await other.open();
    const sent = bytesOf(MEGABYTE);
    client.sendInPieces(sent);
    expect((await server.receives(sent.length)).equals(sent)).toBe(true);
  });

  test.each([
    ['is reset', ({ client }: Pair) => client.reset()],
    ['is reset by the server', ({ server }: Pair) => server.reset()],
  ])('has room again when the connection that held it %s', async (_, end) => {
    const budget = new Budget(MEGABYTE);
    const greedy = await startHarness({ toServer: held }, { budget });
    const [greediest] = await greedy.openMany(1);
    if (greediest === undefined) throw new Error('unreachable');
    await fill(greedy, [greediest], 4 * MEGABYTE);
    const waiting = await startHarness({ toServer: held }, { budget });
    const [first, second] = await waiting.openMany(2);
    await fill(waiting, [first, second], MEGABYTE / 4);
    const before = waiting.observed.bytes.toServer;
    expect(before).toBeLessThanOrEqual(2 * SMALLEST_READ);
    end(greediest);
    // Nothing else wakes them.
    await until('both go on', () => waiting.observed.bytes.toServer === MEGABYTE / 2);
    expectHolds(budget, MEGABYTE / 2);
  });

  test('has room again when the gate that held it disconnects or closes', async () => {
    const budget = new Budget(2 * MEGABYTE);
    const greedy = await startHarness({ toServer: held }, { budget });
    const waiting = await startHarness({ toServer: held }, { budget });
    const pair = await waiting.open();
    for (const free of [
      () => greedy.set({ disconnect: { nonce: 'a', how: 'Reset' } }),
      () => greedy.gate.close(),
    ]) {
      await fill(greedy, [await greedy.open()], 4 * MEGABYTE);
      const before = waiting.observed.bytes.toServer;
      pair.client.send(bytesOf(3 * READ_BYTES));
      await untilStable(() => waiting.observed.bytes.toServer);
      await free();
      await until('it goes on', () => waiting.observed.bytes.toServer === before + 3 * READ_BYTES);
    }
    expectHolds(budget, 6 * READ_BYTES);
  });
});

describe('a client that does not read', () => {
  test('holds up no other, whatever waits for it', async () => {
    const harness = await startHarness();
    const [slow, quick] = await harness.openMany(2);
    slow.client.pause();
    slow.server.sendInPieces(bytesOf(32 * MEGABYTE));
    await untilStable(() => slow.server.taken);
    const sent = bytesOf(16 * MEGABYTE);
    quick.server.sendInPieces(sent);
    expect((await quick.client.receives(sent.length)).equals(sent)).toBe(true);
    expect(slow.client.isUntouched).toBe(true);
  });

  test('costs no more than the bounds when a delay brings it bytes', async () => {
    const harness = await startHarness(
      { toClient: { delay: { milliseconds: 20 } } },
      { connectionBytes: MEGABYTE },
    );
    const { client, server } = await harness.open();
    client.pause();
    const sent = bytesOf(32 * MEGABYTE);
    server.sendInPieces(sent);
    await untilStable(() => harness.observed.bytes.toClient);
    // The client's socket has another read.
    harness.expectHeld(MEGABYTE, 2);
    client.resume();
    expect((await client.receives(sent.length)).equals(sent)).toBe(true);
  });
});
