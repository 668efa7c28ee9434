import { describe, expect, test } from 'vitest';
import { sleep, systemClock } from '../../../src/time/clock.ts';
import { HandClock } from './support/handClock.ts';

const never = new AbortController().signal;

test('what is to be done after a time is never done early', async () => {
  for (const milliseconds of [0, 0.4, 1, 3.7, 12]) {
    const due = systemClock.monotonic() + milliseconds;
    await new Promise<void>((resolve) => systemClock.after(milliseconds, resolve));
    expect(systemClock.monotonic()).toBeGreaterThanOrEqual(due);
  }
});

test('what was cancelled is not done, however often it is cancelled', async () => {
  let times = 0;
  const cancel = systemClock.after(5, () => {
    times += 1;
  });
  cancel();
  cancel();
  await sleep(systemClock, 20, never);
  expect(times).toBe(0);
});

describe('a sleep', () => {
  test('ends after its time, by the real clock too', async () => {
    const before = systemClock.monotonic();
    await sleep(systemClock, 20, never);
    expect(systemClock.monotonic() - before).toBeGreaterThan(15);
  });

  test('ends early with the reason of its signal, and leaves no timer', async () => {
    const clock = new HandClock();
    const controller = new AbortController();
    const slept = sleep(clock, 1_000, controller.signal);
    controller.abort(new Error('up'));
    await expect(slept).rejects.toThrow('up');
    await expect(sleep(clock, 1_000, controller.signal)).rejects.toThrow('up');
    expect(clock.waits).toEqual([]);
  });

  test('of a month does not end at once', async () => {
    const controller = new AbortController();
    let isOver = false;
    const slept = sleep(systemClock, 31 * 86_400_000, controller.signal).finally(() => {
      isOver = true;
    });
    await sleep(systemClock, 20, never);
    expect(isOver).toBe(false);
    controller.abort(new Error('up'));
    await expect(slept).rejects.toThrow('up');
  });
});
