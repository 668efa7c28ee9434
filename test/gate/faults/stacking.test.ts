import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { keyedRandom } from '../../../src/gate/random.ts';
import { bytesOf } from '../support/bytes.ts';
import { CLOSES, closedAt, seesClose } from '../support/close.ts';
import { DIRECTIONS } from '../support/ends.ts';
import { startHarness } from '../support/harness.ts';
import { expectTook, until } from '../support/time.ts';

// What comes of each pair is stated in test/unit/gate/faults/stacking.test.ts; here is what the ends see of stacks.

const MEBIBYTE = 2 ** 20;

/** Each keeps every byte. */
const KEEPING = {
  limitTime: { milliseconds: 3_600_000 },
  limitIdle: { milliseconds: 3_600_000 },
  limitBytes: { bytes: 2 ** 40 },
  coalesce: { minBytes: 10_000, maxWaitMilliseconds: 20 },
  delay: { milliseconds: 60, jitterMilliseconds: 30 },
  bandwidth: { bytesPerSecond: 4 * MEBIBYTE, scope: 'Gate' },
  slice: { maxBytes: 3_000, varianceBytes: 2_000, gapMilliseconds: 0 },
};

describe.each(DIRECTIONS)('a stack of faults $direction', ({ direction, sender, receiver }) => {
  test('that keep bytes brings all of them, in order and in time, and the FIN', async () => {
    const harness = await startHarness({ [direction]: KEEPING });
    const pair = await harness.open();
    const sent = bytesOf(2 * MEBIBYTE);
    const start = performance.now();
    pair[sender].sendInPieces(sent);
    pair[sender].finish();
    expect((await pair[receiver].receives(sent.length)).equals(sent)).toBe(true);
    await pair[receiver].seesFin();
    expectTook(closedAt(pair[receiver]) - start, 500 + 30);
    pair[receiver].send('answer');
    await pair[sender].receives('answer');
  });

  test('is held by a stall that is set on top of it, and goes on when that is lifted', async () => {
    const harness = await startHarness({ [direction]: KEEPING });
    const pair = await harness.open();
    const sent = bytesOf(2 * MEBIBYTE);
    pair[sender].sendInPieces(sent);
    await until('the first bytes', () => pair[receiver].length > 0);
    await harness.set({ [direction]: { ...KEEPING, stall: {} } });
    await sleep(50);
    await pair[receiver].seesNothingMore();
    await harness.set({ [direction]: KEEPING });
    expect((await pair[receiver].receives(sent.length)).equals(sent)).toBe(true);
  });

  test('may change at any time: no byte is lost, doubled or moved', async () => {
    const harness = await startHarness();
    const pairs = await harness.openMany(3);
    const sent = bytesOf(4 * MEBIBYTE);
    for (const pair of pairs) pair[sender].sendInPieces(sent);
    for (let change = 0; change < 60; change += 1) {
      const chosen = Object.entries({ ...KEEPING, stall: {} }).filter(
        (_, index) => keyedRandom(change, index) < 0.4,
      );
      await harness.set({ [direction]: Object.fromEntries(chosen) });
      await sleep(keyedRandom(change) * 20);
    }
    await harness.set({ [direction]: {} });
    for (const pair of pairs) {
      expect((await pair[receiver].receives(sent.length)).equals(sent)).toBe(true);
    }
    expect(harness.active).toBe(3);
  });
});

describe.each(CLOSES)(
  'a close in a stack $direction $how',
  ({ direction, sender, receiver, how }) => {
    test('comes behind exactly so many bytes', async () => {
      const harness = await startHarness({
        [direction]: { ...KEEPING, limitBytes: { bytes: 300_001, how } },
      });
      const pair = await harness.open();
      const sent = bytesOf(MEBIBYTE);
      pair[sender].sendInPieces(sent);
      await Promise.all([seesClose(pair[receiver], how), seesClose(pair[sender], how)]);
      expect(pair[receiver].bytes.equals(sent.subarray(0, 300_001))).toBe(true);
    });

    test('that is due at once discards what later faults hold', async () => {
      const harness = await startHarness({
        [direction]: { limitTime: { milliseconds: 200, how }, delay: { milliseconds: 400 } },
      });
      const pair = await harness.open();
      pair[sender].send('held');
      await Promise.all([seesClose(pair[receiver], how), seesClose(pair[sender], how)]);
      expect(pair[receiver].length).toBe(0);
    });
  },
);
