import { beforeEach, expect, test } from 'vitest';
import { RunTimer } from '../../../src/proxy/runTimer.ts';
import { HandClock } from '../time/support/handClock.ts';

const RUN = { number: 1, durationSeconds: 60 };

let clock: HandClock;
let ends: number[];
let timer: RunTimer;

beforeEach(() => {
  clock = new HandClock();
  ends = [];
  timer = new RunTimer({ clock, onEnd: () => ends.push(clock.monotonic()) });
});

test('a run ends once, after what remains of it, and never after more than its duration', async () => {
  timer.take(RUN, 20_000, true);
  expect(timer.remainingMilliseconds).toBe(20_000);
  await clock.advance(100_000);
  timer.take({ ...RUN, number: 2 }, 90_000, true);
  expect(timer.remainingMilliseconds).toBe(60_000);
  await clock.advance(100_000);
  timer.take({ ...RUN, number: 3 }, undefined, true);
  await clock.advance(100_000);
  expect(ends).toEqual([20_000, 160_000, 260_000]);
  expect(timer.isEnded).toBe(true);
});

test('later messages of a run move its end neither way', async () => {
  timer.take(RUN, 20_000, true);
  await clock.advance(10_000);
  for (const remaining of [0, 5_000, 50_000, undefined]) timer.take(RUN, remaining, true);
  expect(timer.remainingMilliseconds).toBe(10_000);
  expect(clock.waits).toEqual([10_000]);
});

test('the first message moves an end that was computed from the clock of another machine', async () => {
  timer.take(RUN, 50_000, false);
  expect(timer.certainRun).toBeUndefined();
  timer.take(RUN, 20_000, true);
  expect(timer.certainRun).toBe(1);
  timer.take(RUN, 50_000, false);
  await clock.advance(100_000);
  expect(ends).toEqual([20_000]);
});

test('a run that began here while the operator was away is not lengthened by it', async () => {
  timer.take(RUN, undefined, false);
  await clock.advance(50_000);
  timer.take(RUN, undefined, true);
  expect(timer.certainRun).toBe(1);
  expect(timer.remainingMilliseconds).toBe(10_000);
});

test.each([undefined, { number: 2 }])(
  'nothing ends a run without a duration, nor the one before it: %j',
  async (run) => {
    timer.take(RUN, undefined, true);
    timer.take(run, undefined, true);
    await clock.advance(100_000);
    expect(ends).toEqual([]);
    expect([timer.remainingMilliseconds, timer.isEnded]).toEqual([undefined, false]);
  },
);

test('a run that ended while no proxy ran ends at once', async () => {
  timer.take(RUN, 0, true);
  expect(timer.isEnded).toBe(true);
});

test('a timer that is stopped ends nothing', async () => {
  timer.take(RUN, undefined, true);
  timer.stop();
  await clock.advance(100_000);
  expect(ends).toEqual([]);
});
