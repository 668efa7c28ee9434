import { expect, test } from 'vitest';
import { isSameQuantity } from '../../../src/operator/quantity.ts';

test.each([
  ['0.5', '500m', true],
  [1, '1', true],
  ['1Gi', '1024Mi', true],
  ['1.5Ki', '1536', true],
  ['1e3', '1k', true],
  ['1E', '1000P', true],
  ['100u', '0.1m', true],
  ['1Gi', '1G', false],
  ['1', '1m', false],
  ['much', 'much', false],
  [undefined, '0', false],
])('%s and %s are the same: %s', (a, b, expected) => {
  expect(isSameQuantity(a, b)).toBe(expected);
  expect(isSameQuantity(b, a)).toBe(expected);
});
