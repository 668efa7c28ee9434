import { expect, test } from 'vitest';
import { TokenBuckets } from '../../../src/limits/tokenBuckets.ts';

const take = (buckets: TokenBuckets, times: number, key = 'a', now = 0) =>
  Array.from({ length: times }, () => buckets.take(key, now)).filter(Boolean).length;

test('a bucket gives its burst, then one token in each interval, and never more than the burst', () => {
  const buckets = new TokenBuckets(3, 100, 10);
  expect(take(buckets, 5)).toBe(3);
  expect(take(buckets, 5, 'a', 99)).toBe(0);
  expect(take(buckets, 5, 'a', 100)).toBe(1);
  expect(take(buckets, 5, 'a', 10_000)).toBe(3);
});

test('each key has a bucket of its own', () => {
  const buckets = new TokenBuckets(1, 100, 10);
  expect([take(buckets, 2, 'a'), take(buckets, 2, 'b')]).toEqual([1, 1]);
});

test('of too many buckets the one that was used least recently is forgotten', () => {
  const buckets = new TokenBuckets(1, 100, 2);
  take(buckets, 1, 'a');
  take(buckets, 1, 'b');
  take(buckets, 1, 'a');
  take(buckets, 1, 'c');
  expect([buckets.take('a', 0), buckets.take('b', 0)]).toEqual([false, true]);
});

test('a token may be taken in advance, for a wait that is not too long', () => {
  const buckets = new TokenBuckets(1, 100, 10);
  const reserve = (now: number) => buckets.reserve('a', now, 250);
  expect([reserve(0), reserve(0), reserve(50), reserve(50)]).toEqual([0, 100, 150, 250]);
  expect(reserve(50)).toBe(undefined);
  expect(reserve(100)).toBe(undefined);
  expect(reserve(150)).toBe(250);
});
