import { describe, expect, test } from 'vitest';
import { sleep, systemClock } from '../../../src/kube/clock.ts';
import { Deadline } from '../../../src/kube/deadline.ts';
import { HandClock, settled } from './support/handClock.ts';

const never = new AbortController().signal;

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

describe('a deadline', () => {
  const expired = () => new Error('late');

  test('aborts when its time is up, which can be put off', async () => {
    const clock = new HandClock();
    const deadline = new Deadline(clock, 100, expired);
    await clock.advance(99);
    deadline.extend(100);
    await clock.advance(99);
    expect(deadline.signal.aborted).toBe(false);
    await clock.advance(1);
    expect(deadline.signal.reason).toEqual(new Error('late'));
    deadline.extend(100);
    expect(clock.waits).toEqual([]);
  });

  test('aborts with its parent, at once if that has aborted already', async () => {
    const clock = new HandClock();
    const parent = new AbortController();
    const deadline = new Deadline(clock, 100, expired, parent.signal);
    parent.abort('gone');
    const another = new Deadline(clock, 100, expired, parent.signal);
    expect([deadline.signal.reason, another.signal.reason]).toEqual(['gone', 'gone']);
    expect(clock.waits).toEqual([]);
  });

  test('that has ended aborts no more', async () => {
    const clock = new HandClock();
    const parent = new AbortController();
    const deadline = new Deadline(clock, 100, expired, parent.signal);
    deadline.end();
    parent.abort();
    await clock.advance(1_000);
    await settled();
    expect(deadline.signal.aborted).toBe(false);
  });
});
