import { describe, expect, test } from 'vitest';
import { Contests } from '../../../src/operator/contests.ts';

/** Somebody changes the child again `every` so many milliseconds, for an hour. */
function fight(every: number): { times: number; contests: Contests; clock: { now: number } } {
  const clock = { now: 0 };
  const contests = new Contests(() => clock.now);
  let times = 0;
  for (; clock.now < 3_600_000; clock.now += every) {
    if (!contests.mayRestore('a')) continue;
    contests.restored('a', 'x changes it');
    times += 1;
  }
  return { times, contests, clock };
}

describe('a child that somebody keeps changing', () => {
  test('is put back five times, then once in two minutes at most', () => {
    const { times } = fight(20);
    expect(times).toBeGreaterThan(25);
    expect(times).toBeLessThan(45);
  });

  test('is a contest until it is left alone for five minutes', () => {
    const { contests, clock } = fight(20);
    expect(contests.contest('a')).toBe('x changes it');
    expect(contests.contest('b')).toBeUndefined();
    clock.now += 300_000;
    expect(contests.contest('a')).toBeUndefined();
    expect(contests.mayRestore('a')).toBe(true);
  });

  test('stays a contest without a break while somebody changes it every minute', () => {
    const { contests } = fight(60_000);
    expect(contests.contest('a')).toBe('x changes it');
  });
});

test('a child that is changed now and then is put back each time, and no contest', () => {
  const { times, contests } = fight(300_000);
  expect(times).toBe(12);
  expect(contests.contest('a')).toBeUndefined();
});

test('what is forgotten starts over', () => {
  const { contests } = fight(20);
  contests.forget('a');
  expect(contests.contest('a')).toBeUndefined();
  expect(contests.mayRestore('a')).toBe(true);
});
