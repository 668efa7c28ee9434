import { describe, expect, test } from 'vitest';
import { Deadline } from '../../../src/kube/deadline.ts';
import { flushPromises, HandClock } from '../time/support/handClock.ts';

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
    await flushPromises();
    expect(deadline.signal.aborted).toBe(false);
  });
});
