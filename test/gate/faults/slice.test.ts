import { describe, expect, test } from 'vitest';
import { LARGEST_READ } from '../../../src/gate/memory.ts';
import { bytesOf } from '../support/bytes.ts';
import { DIRECTIONS } from '../support/ends.ts';
import { startHarness } from '../support/harness.ts';
import type { Peer } from '../support/peer.ts';
import { expectTook, untilStable } from '../support/time.ts';

const HOUR = 3_600_000;

function texts({ arrivals }: Peer): string[] {
  return arrivals.map(({ data }) => data.toString('latin1'));
}

describe.each(DIRECTIONS)('slice $direction', ({ direction, sender, receiver }) => {
  const slicing = (maxBytes: number, gapMilliseconds = 0, varianceBytes = 0) => ({
    [direction]: { slice: { maxBytes, gapMilliseconds, varianceBytes } },
  });
  const lifted = { [direction]: {} };

  test('one write arrives in small pieces, and one that comes back as it is', async () => {
    const harness = await startHarness(slicing(3, 50));
    const pair = await harness.open();
    const start = performance.now();
    pair[sender].send('hello world');
    pair[receiver].send('hello back');
    await pair[receiver].receives('hello world');
    expectTook(performance.now() - start, 150);
    expect(texts(pair[receiver])).toEqual(['hel', 'lo ', 'wor', 'ld']);
    await pair[sender].receives('hello back');
    expect(texts(pair[sender])).toEqual(['hello back']);
  });

  test('a megabyte arrives intact, without a gap and in lengths that vary', async () => {
    const harness = await startHarness(slicing(500, 0, 499));
    const pair = await harness.open();
    const sent = bytesOf(2 ** 20);
    pair[sender].send(sent);
    expect((await pair[receiver].receives(sent.length)).equals(sent)).toBe(true);
    // One of the gate's own figures per write.
    expect(harness.observed.delayed.length).toBeGreaterThan(sent.length / 500);
  });

  test('is set and lifted on an open connection: the rest arrives at once', async () => {
    const harness = await startHarness();
    const pair = await harness.open();
    await harness.set(slicing(1, HOUR));
    pair[sender].send('hello');
    await pair[receiver].receives('h');
    await pair[receiver].seesNothingMore();
    await harness.set(lifted);
    await pair[receiver].receives('hello');
    expect(texts(pair[receiver])).toEqual(['h', 'ello']);
  });

  test('FIN comes behind the last piece, and the answer comes back', async () => {
    const harness = await startHarness(slicing(3, 50));
    const pair = await harness.open();
    pair[sender].send('request');
    pair[sender].finish();
    await pair[receiver].seesFin();
    expect(texts(pair[receiver])).toEqual(['req', 'ues', 't']);
    pair[receiver].send('answer');
    pair[receiver].finish();
    await pair[sender].receives('answer');
    await pair[sender].seesFin();
  });

  test('RST discards the rest and reaches the other end', async () => {
    const harness = await startHarness(slicing(1, HOUR));
    const pair = await harness.open();
    pair[sender].send('hello');
    await pair[receiver].receives('h');
    pair[sender].reset();
    await pair[receiver].seesReset();
    expect(pair[receiver].text).toBe('h');
  });

  test('the sender blocks while its bytes wait for their turn', async () => {
    const harness = await startHarness(slicing(1_000, HOUR));
    const pair = await harness.open();
    const sent = bytesOf(16 * 2 ** 20);
    pair[sender].sendInPieces(sent);
    await untilStable(() => pair[sender].taken);
    // What one read of the gate brings, and no more.
    expect(harness.observed.bytes[direction]).toBeLessThanOrEqual(LARGEST_READ);
    expect(pair[sender].taken).toBeLessThan(sent.length);
    await harness.set(lifted);
    expect((await pair[receiver].receives(sent.length)).equals(sent)).toBe(true);
  });

  test('many tiny writes of one connection do not hold up another', async () => {
    const harness = await startHarness(slicing(1));
    const [busy, other] = await harness.openMany(2);
    if (busy === undefined || other === undefined) throw new Error();
    busy[sender].send(bytesOf(2 ** 16));
    await harness.reads(direction, 2 ** 16);
    other[sender].send('ping');
    await other[receiver].receives('ping');
    expect(busy[receiver].length).toBeLessThan(2 ** 15);
    await busy[receiver].receives(2 ** 16);
  });
});
