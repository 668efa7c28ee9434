import { expect, test } from 'vitest';
import { isTie, quantile, ratios, summarise } from '../../../bench/statistics.ts';

test('the median of an even number of samples lies between the two in the middle', () => {
  expect(summarise([4, 1, 3, 2]).median).toBe(2.5);
});

test('the spread is the distance between the quartiles, so one odd round does not widen it', () => {
  expect(summarise([10, 11, 12, 13, 14])).toEqual({ median: 12, spread: 2, samples: 5 });
  expect(summarise([10, 11, 12, 13, 1_000])).toEqual({ median: 12, spread: 2, samples: 5 });
});

test('one sample has no spread', () => {
  expect(summarise([7])).toEqual({ median: 7, spread: 0, samples: 1 });
});

test('samples are left in the order of their rounds', () => {
  const samples = [3, 1, 2];
  expect(quantile(samples, 0)).toBe(1);
  expect(samples).toEqual([3, 1, 2]);
});

test('no samples are refused', () => {
  expect(() => summarise([])).toThrow(RangeError);
});

test('ratios pair the rounds, and leave out those that only one side has', () => {
  expect(ratios([2, 9, 5], [1, 3])).toEqual([2, 3]);
});

test.each([
  ['within the spread of the mark', { median: 1.02, spread: 0.05, samples: 5 }, true],
  ['as far from the mark as the spread is wide', { median: 1.25, spread: 0.25, samples: 5 }, false],
  ['far from the mark', { median: 0.5, spread: 0.05, samples: 5 }, false],
  ['on the mark, with no spread at all', { median: 1, spread: 0, samples: 5 }, false],
])('a figure %s: tie is decided', (_, summary, expected) => {
  expect(isTie(summary, 1)).toBe(expected);
});
