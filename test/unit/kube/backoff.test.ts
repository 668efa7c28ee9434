import fc from 'fast-check';
import { expect, test } from 'vitest';
import { backoffMilliseconds } from '../../../src/kube/backoff.ts';

const BOUNDS = { minMilliseconds: 5, maxMilliseconds: 60_000 };

test('the wait doubles, and is spread over the upper half of what it may be', () => {
  const low = [1, 2, 3, 4].map((failures) => backoffMilliseconds(failures, BOUNDS, 0));
  const high = [1, 2, 3, 4].map((failures) => backoffMilliseconds(failures, BOUNDS, 1));
  expect(low).toEqual([5, 10, 20, 40]);
  expect(high).toEqual([10, 20, 40, 80]);
});

test('the wait stays within its bounds, after any number of failures', () => {
  const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(
    fc.property(fc.nat(), random, (failures, at) => {
      const wait = backoffMilliseconds(failures, BOUNDS, at);
      expect(wait).toBeGreaterThanOrEqual(BOUNDS.minMilliseconds);
      expect(wait).toBeLessThanOrEqual(BOUNDS.maxMilliseconds);
    }),
  );
});
