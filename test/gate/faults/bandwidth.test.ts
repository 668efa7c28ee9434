import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { bytesOf } from '../support/bytes.ts';
import { DIRECTIONS } from '../support/ends.ts';
import { startHarness } from '../support/harness.ts';
import { kernelNote } from '../support/kernelMemory.ts';
import type { Peer } from '../support/peer.ts';
import { waitedForProcessor } from '../support/processor.ts';
import { expectTook, until, untilStable } from '../support/time.ts';

const MEBIBYTE = 2 ** 20;

/** Sends without an end, as fast as it can, until the connection closes. */
function flood({ socket }: Peer): void {
  const chunk = Buffer.alloc(65_536);
  const fill = () => {
    while (!socket.destroyed && socket.write(chunk));
  };
  socket.on('drain', fill);
  fill();
}

/** Counts from here on, and keeps nothing. */
function countBytes({ socket }: Peer): () => number {
  let count = 0;
  socket.removeAllListeners('data');
  socket.on('data', ({ length }) => {
    count += length;
  });
  return () => count;
}

/** Bytes per second that come in so many seconds. */
async function rateOf(count: () => number, seconds: number): Promise<number> {
  const start = performance.now();
  const before = count();
  await sleep(seconds * 1_000);
  return ((count() - before) / (performance.now() - start)) * 1_000;
}

const ROUNDS = 4;

/** Five seconds each: one low and one high in each direction. */
const RATES = { toServer: [1_000, 2_000_000], toClient: [50_000, 100_000_000] };

function expectWithin(percent: number, measured: number, expected: number): void {
  expect(measured / expected, kernelNote()).toBeGreaterThan(1 - percent / 100);
  expect(measured / expected, kernelNote()).toBeLessThan(1 + percent / 100);
}

describe.each(DIRECTIONS)('bandwidth $direction', ({ direction, sender, receiver }) => {
  const limited = (bytesPerSecond: number, scope = 'Connection', burstBytes = 0) => ({
    [direction]: { bandwidth: { bytesPerSecond, scope, burstBytes } },
  });

  test.each(RATES[direction])(
    'is right within 2 percent over 5 seconds at %d bytes per second',
    async (bytesPerSecond) => {
      const harness = await startHarness(limited(bytesPerSecond));
      const pair = await harness.open();
      const count = countBytes(pair[receiver]);
      flood(pair[sender]);
      await until('the first bytes', () => count() > 0);
      // What a busy machine keeps the gate from carrying it makes up for, for half a second; the rest is lost.
      let off = Number.POSITIVE_INFINITY;
      for (let round = 0; round < ROUNDS && off > 0.02; round += 1) {
        const waitedBefore = waitedForProcessor();
        await sleep(500);
        const share = (await rateOf(count, 5)) / bytesPerSecond;
        off = Math.abs(share - 1) - (waitedForProcessor() - waitedBefore) / 5_000;
      }
      expect(off, kernelNote()).toBeLessThanOrEqual(0.02);
    },
  );

  test('does not dribble: pieces have a twentieth of a second of bytes', async () => {
    const harness = await startHarness(limited(1_000));
    const pair = await harness.open();
    pair[sender].send('x'.repeat(400));
    await pair[receiver].receives(400);
    // A receiver that is late gets some together.
    for (const { data } of pair[receiver].arrivals) expect(data.length % 50).toBe(0);
  });

  test('holds the sender back, and holds little itself', async () => {
    const harness = await startHarness(limited(10_000));
    const pair = await harness.open();
    pair[sender].sendInPieces(bytesOf(32 * MEBIBYTE));
    await untilStable(() => pair[sender].taken);
    expect(pair[sender].taken).toBeLessThan(16 * MEBIBYTE);
    expect(harness.budget.used).toBeLessThan(3 * 65_536);
  });

  test('leaves the other direction alone', async () => {
    const harness = await startHarness(limited(1));
    const pair = await harness.open();
    pair[sender].send('x');
    const back = bytesOf(8 * MEBIBYTE);
    pair[receiver].sendInPieces(back);
    expect((await pair[sender].receives(back.length)).equals(back)).toBe(true);
  });

  test('lets a burst through at once', async () => {
    const harness = await startHarness(limited(100, 'Connection', 10_000));
    const pair = await harness.open();
    const start = performance.now();
    pair[sender].send('x'.repeat(10_020));
    await until('the burst has come', () => pair[receiver].length >= 10_000);
    expectTook(performance.now() - start, 0, 190);
    await pair[receiver].receives(10_020);
    expectTook(performance.now() - start, 200);
  });

  test('is set and lifted on an open connection, and no byte is lost', async () => {
    const harness = await startHarness();
    const pair = await harness.open();
    const sent = bytesOf(8 * MEBIBYTE);
    await harness.set(limited(20_000));
    pair[sender].sendInPieces(sent);
    expectWithin(20, await rateOf(() => pair[receiver].length, 1), 20_000);
    await harness.set({ [direction]: {} });
    expect((await pair[receiver].receives(sent.length)).equals(sent)).toBe(true);
  });

  test('brings FIN behind the last byte, and RST at once', async () => {
    const harness = await startHarness(limited(1_000));
    const [ending, resetting] = await harness.openMany(2);
    const start = performance.now();
    ending[sender].send('x'.repeat(300));
    ending[sender].finish();
    resetting[sender].send('x'.repeat(60_000));
    resetting[sender].reset();
    await resetting[receiver].seesReset();
    await ending[receiver].seesFin();
    expect(ending[receiver].length).toBe(300);
    expectTook((ending[receiver].finAt ?? 0) - start, 300);
    ending[receiver].send('answer');
    await ending[sender].receives('answer');
  });

  test('with scope Gate is shared fairly by all that send, those that come later too', async () => {
    const harness = await startHarness(limited(400_000, 'Gate'));
    const [first, ...others] = await harness.openMany(3);
    const counts = [first, ...others].map((pair) => countBytes(pair[receiver]));
    const rates = async (...of: number[]) => {
      await sleep(300);
      return Promise.all(of.map((index) => rateOf(counts[index] ?? (() => 0), 1.5)));
    };
    flood(first[sender]);
    for (const rate of await rates(0)) expectWithin(8, rate, 400_000);
    for (const pair of others) flood(pair[sender]);
    for (const rate of await rates(0, 1, 2)) expectWithin(8, rate, 400_000 / 3);
    first[sender].reset();
    // What it has sent already is taken to its end: the gate does not read, and so hears no RST before.
    await harness.counts(2);
    for (const rate of await rates(1, 2)) expectWithin(8, rate, 400_000 / 2);
  });
});
