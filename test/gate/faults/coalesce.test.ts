import { describe, expect, test } from 'vitest';
import { CHUNK_COST } from '../../../src/gate/chunk.ts';
import { bytesOf } from '../support/bytes.ts';
import { DIRECTIONS } from '../support/ends.ts';
import { startHarness } from '../support/harness.ts';
import type { Peer } from '../support/peer.ts';
import { expectTook } from '../support/time.ts';

function texts({ arrivals }: Peer): string[] {
  return arrivals.map(({ data }) => data.toString('latin1'));
}

describe.each(DIRECTIONS)('coalesce $direction', ({ direction, sender, receiver }) => {
  const coalescing = (minBytes: number, maxWaitMilliseconds = 3_600_000) => ({
    [direction]: { coalesce: { minBytes, maxWaitMilliseconds } },
  });
  const lifted = { [direction]: {} };

  test('many small writes arrive as one, and those that come back as they are', async () => {
    const harness = await startHarness(coalescing(12));
    const pair = await harness.open();
    for (const [index, text] of ['12345', '67890'].entries()) {
      pair[sender].send(text);
      // The gate reads each on its own.
      await harness.reads(direction, 5 * (index + 1));
    }
    pair[receiver].send('answer');
    await pair[sender].receives('answer');
    await pair[receiver].seesNothingMore();
    pair[sender].send('abcdefgh');
    await pair[receiver].receives(18);
    expect(texts(pair[receiver])).toEqual(['1234567890abcdefgh']);
  });

  test('too few bytes arrive together when the first of them has waited long enough', async () => {
    const harness = await startHarness(coalescing(1_000, 300));
    const pair = await harness.open();
    const start = performance.now();
    pair[sender].send('ab');
    await harness.reads(direction, 2);
    pair[sender].send('c');
    await pair[receiver].receives('abc');
    expectTook(performance.now() - start, 300);
    expect(texts(pair[receiver])).toEqual(['abc']);
  });

  test('held bytes arrive once it is lifted', async () => {
    const harness = await startHarness();
    const pair = await harness.open();
    await harness.set(coalescing(10));
    pair[sender].send('held');
    await harness.reads(direction, 4);
    expect(harness.budget.used).toBe(4 + CHUNK_COST);
    await harness.set(lifted);
    await pair[receiver].receives('held');
    expect(harness.budget.used).toBe(0);
  });

  test('FIN comes behind the held bytes, and the answer comes back', async () => {
    const harness = await startHarness(coalescing(10));
    const pair = await harness.open();
    pair[sender].send('request');
    pair[sender].finish();
    await pair[receiver].receives('request');
    await pair[receiver].seesFin();
    pair[receiver].send('answer');
    pair[receiver].finish();
    await pair[sender].receives('answer');
    await pair[sender].seesFin();
  });

  test('RST discards the held bytes and reaches the other end', async () => {
    const harness = await startHarness(coalescing(10));
    const pair = await harness.open();
    pair[sender].send('held');
    await harness.reads(direction, 4);
    pair[sender].reset();
    await pair[receiver].seesReset();
    expect(pair[receiver].length).toBe(0);
  });

  test('megabytes arrive intact, even if more is asked for than the gate may hold', async () => {
    const harness = await startHarness(coalescing(2 ** 24), { connectionBytes: 2 ** 18 });
    const pair = await harness.open();
    const sent = bytesOf(4 * 2 ** 20);
    pair[sender].send(sent);
    pair[sender].finish();
    await pair[receiver].seesFin();
    expect(pair[receiver].bytes.equals(sent)).toBe(true);
  });
});
