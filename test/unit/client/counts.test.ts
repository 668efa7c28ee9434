import { describe, expect, test } from 'vitest';
import { CLUSTER_DELAYS, LOCAL_DELAYS, timelyIn, trueSinceIn } from '../../../src/client/counts.ts';
import { INTERVAL } from '../../../src/operator/statusSchedule.ts';

const DELAYS = { soon: 100, latest: 5_000 };
const CALLED_AT = 10_000;

test('the operator keeps no count back for longer than is waited for', () => {
  expect(CLUSTER_DELAYS.latest).toBeGreaterThan(INTERVAL);
  expect(LOCAL_DELAYS.latest).toBeGreaterThan(50);
});

describe('the count at the time of the call', () => {
  const wait = (now: number, receivedAt: number, watchingSince = 0) =>
    trueSinceIn(CALLED_AT, { now, receivedAt, watchingSince }, DELAYS);

  test('is known when one is heard a moment after the call', () => {
    expect(wait(CALLED_AT + 100, CALLED_AT + 100)).toBe(0);
  });

  test('is not the one that was on its way when it was made', () => {
    expect(wait(CALLED_AT + 50, CALLED_AT + 50)).toBe(5_000);
  });

  test('is the last one heard, when a newer one would have been heard by now', () => {
    expect(wait(CALLED_AT + 100, CALLED_AT - 4_900)).toBe(0);
    expect(wait(CALLED_AT + 100, CALLED_AT - 4_800)).toBe(100);
  });

  test('takes a moment even after a long silence: a change may be on its way', () => {
    expect(wait(CALLED_AT, 0)).toBe(100);
  });

  test('is not known while nothing can be heard', () => {
    const disconnected = { now: CALLED_AT + 60_000, receivedAt: 0, watchingSince: undefined };
    expect(trueSinceIn(CALLED_AT, disconnected, DELAYS)).toBe(Number.POSITIVE_INFINITY);
    expect(wait(CALLED_AT + 60_000, 0, CALLED_AT + 59_000)).toBe(4_000);
  });

  test('is not known from a list alone, of which nobody knows how old its counts are', () => {
    expect(wait(CALLED_AT + 100, Number.NEGATIVE_INFINITY, CALLED_AT - 1_000)).toBe(3_900);
  });
});

describe('a count for who waits', () => {
  const wait = (receivedAt: number, changedAt?: number, now = CALLED_AT) =>
    timelyIn(CALLED_AT, changedAt, { now, receivedAt, watchingSince: 0 }, DELAYS);

  test('is any that is heard after the call', () => {
    expect(wait(CALLED_AT + 1)).toBe(0);
  });

  test('may have come with the change just before', () => {
    expect(wait(CALLED_AT - 5, CALLED_AT - 1)).toBe(0);
    expect(wait(CALLED_AT - 5, CALLED_AT - 1_000)).toBe(4_995);
  });

  test('is not one from before, which may be over', () => {
    expect(wait(CALLED_AT - 5)).toBe(4_995);
    expect(wait(CALLED_AT - 1_000, CALLED_AT - 1)).toBe(4_000);
  });

  test('is not one that was missed and came late, when the watch was opened again', () => {
    const reopened = {
      now: CALLED_AT + 60,
      receivedAt: CALLED_AT + 55,
      watchingSince: CALLED_AT + 50,
    };
    expect(timelyIn(CALLED_AT, undefined, reopened, DELAYS)).toBe(4_995);
    expect(trueSinceIn(CALLED_AT - 1_000, reopened, DELAYS)).toBe(4_995);
  });

  test('is one from long ago, which cannot be over', () => {
    expect(wait(CALLED_AT - 5_000)).toBe(0);
  });
});
