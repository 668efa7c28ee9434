import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { bytesOf } from './support/bytes.ts';
import { DIRECTIONS } from './support/ends.ts';
import { expectHolds, startHarness } from './support/harness.ts';
import { expectTook, until, untilStable } from './support/time.ts';

const MEGABYTE = 2 ** 20;
const HOUR = 3_600_000;

describe.each(DIRECTIONS)('delay $direction', ({ direction, sender, receiver }) => {
  const delayed = (milliseconds: number, jitterMilliseconds = 0) => ({
    [direction]: { delay: { milliseconds, jitterMilliseconds } },
  });
  const lifted = { [direction]: {} };

  test('brings bytes that much later, and the other direction at once', async () => {
    const harness = await startHarness(delayed(400));
    const pair = await harness.open();
    const start = performance.now();
    pair[sender].send('late');
    pair[receiver].send('soon');
    await pair[sender].receives('soon');
    expect(pair[receiver].length).toBe(0);
    await pair[receiver].receives('late');
    expectTook(performance.now() - start, 400);
    expect(harness.observed.delayed.length).toBe(1);
    expectTook(harness.observed.delayed[0] ?? 0, 400);
  });

  test('takes hold of an open connection', async () => {
    const harness = await startHarness();
    const pair = await harness.open();
    pair[sender].send('soon,');
    await pair[receiver].receives('soon,');
    await harness.set(delayed(200));
    const start = performance.now();
    pair[sender].send('late');
    await pair[receiver].receives('soon,late');
    expectTook(performance.now() - start, 200);
  });

  test('is a line and not a store: each message is late by the same time', async () => {
    const harness = await startHarness(delayed(150));
    const pair = await harness.open();
    const sentAt: number[] = [];
    for (let index = 0; index < 10; index += 1) {
      sentAt.push(performance.now());
      pair[sender].send(`message ${index}\n`);
      await sleep(20);
    }
    await pair[receiver].receives(100);
    expect(pair[receiver].arrivals.map(({ data }) => data.toString())).toEqual(
      sentAt.map((_, index) => `message ${index}\n`),
    );
    for (const [index, { at }] of pair[receiver].arrivals.entries()) {
      expectTook(at - (sentAt[index] ?? 0), 150);
    }
  });

  test('does not cap the throughput before the bound on held bytes', async () => {
    const harness = await startHarness(delayed(500), { connectionBytes: 64 * MEGABYTE });
    const pair = await harness.open();
    const sent = bytesOf(32 * MEGABYTE);
    const start = performance.now();
    pair[sender].sendInPieces(sent);
    expect((await pair[receiver].receives(sent.length)).equals(sent)).toBe(true);
    // A store of a chunk each 500 ms would take minutes.
    expectTook(performance.now() - start, 500, 3_000);
  });

  test('keeps the order and the bounds of each run of bytes under jitter', async () => {
    const harness = await startHarness(delayed(150, 150));
    const pair = await harness.open();
    const sentAt: number[] = [];
    for (let index = 0; index < 40; index += 1) {
      sentAt.push(performance.now());
      pair[sender].send(`${index},`);
      await sleep(5);
    }
    const expected = sentAt.map((_, index) => `${index},`).join('');
    await pair[receiver].receives(expected);
    const { arrivals } = pair[receiver];
    expectTook((arrivals.at(-1)?.at ?? 0) - (sentAt.at(-1) ?? 0), 0, 1_300);
    // Bytes of different delays arrive together or apart, but not all alike.
    expect(new Set(harness.observed.delayed.map(Math.round)).size).toBeGreaterThan(3);
    for (const milliseconds of harness.observed.delayed) expectTook(milliseconds, 0, 1_300);
  });

  test('of 0 ms passes bytes on', async () => {
    const harness = await startHarness(delayed(0));
    const pair = await harness.open();
    pair[sender].send('hello');
    await pair[receiver].receives('hello');
  });

  test('releases all bytes at once when it is lifted', async () => {
    const harness = await startHarness(delayed(HOUR));
    const pair = await harness.open();
    const sent = bytesOf(3 * MEGABYTE);
    pair[sender].sendInPieces(sent);
    await harness.reads(direction, sent.length);
    expectHolds(harness.budget, sent.length);
    await pair[receiver].seesNothingMore();
    await harness.set(lifted);
    expect((await pair[receiver].receives(sent.length)).equals(sent)).toBe(true);
    await until('nothing is held', () => harness.budget.used === 0);
  });

  test('counts from the arrival of a byte when it changes', async () => {
    const harness = await startHarness(delayed(HOUR));
    const pair = await harness.open();
    const start = performance.now();
    pair[sender].send('hello');
    await harness.reads(direction, 5);
    await sleep(80);
    await harness.set(delayed(250));
    await pair[receiver].receives('hello');
    expectTook(performance.now() - start, 250);
  });

  test('releases at once what is older than a shorter delay', async () => {
    const harness = await startHarness(delayed(HOUR));
    const pair = await harness.open();
    pair[sender].send('hello');
    await harness.reads(direction, 5);
    await sleep(900);
    await harness.set(delayed(800));
    const changed = performance.now();
    await pair[receiver].receives('hello');
    expectTook(performance.now() - changed, 0, 700);
  });

  test('holds bytes longer when it grows', async () => {
    const harness = await startHarness(delayed(600));
    const pair = await harness.open();
    const start = performance.now();
    pair[sender].send('hello');
    await harness.reads(direction, 5);
    await harness.set(delayed(900));
    await pair[receiver].receives('hello');
    expectTook(performance.now() - start, 900);
  });

  test('brings FIN as late, and after the bytes', async () => {
    const harness = await startHarness(delayed(150));
    const pair = await harness.open();
    const start = performance.now();
    pair[sender].send('the last words');
    pair[sender].finish();
    await pair[receiver].receives('the last words');
    await pair[receiver].seesFin();
    expectTook((pair[receiver].finAt ?? 0) - start, 150);
  });

  test('holds a FIN without a byte before it', async () => {
    const harness = await startHarness(delayed(150));
    const pair = await harness.open();
    const start = performance.now();
    pair[sender].finish();
    await pair[receiver].seesFin();
    expectTook((pair[receiver].finAt ?? 0) - start, 150);
  });

  test('releases a held FIN when it is lifted', async () => {
    const harness = await startHarness(delayed(HOUR));
    const pair = await harness.open();
    pair[sender].send('the last words');
    pair[sender].finish();
    await harness.reads(direction, 14);
    await pair[receiver].seesNothingMore();
    await harness.set(lifted);
    await pair[receiver].receives('the last words');
    await pair[receiver].seesFin();
    expect(pair[sender].isUntouched).toBe(true);
  });

  test.each([
    ['sender', 'receiver'],
    ['receiver', 'sender'],
  ] as const)('does not hold an RST of the %s; what is held is discarded', async (first, other) => {
    const harness = await startHarness(delayed(HOUR));
    const pair = await harness.open();
    const roles = { sender: pair[sender], receiver: pair[receiver] };
    roles.sender.send('held');
    await harness.reads(direction, 4);
    roles[first].reset();
    await roles[other].seesReset();
    expect(roles.receiver.length).toBe(0);
    await harness.counts(0);
    expect(harness.budget.used).toBe(0);
  });

  test('blocks the sender at the bound on held bytes, and no earlier', async () => {
    const harness = await startHarness(delayed(HOUR), { connectionBytes: 4 * MEGABYTE });
    const pair = await harness.open();
    const sent = bytesOf(64 * MEGABYTE);
    pair[sender].sendInPieces(sent);
    await untilStable(() => pair[sender].taken);
    harness.expectHeld(4 * MEGABYTE);
    await harness.set(lifted);
    expect((await pair[receiver].receives(sent.length)).equals(sent)).toBe(true);
  });
});
