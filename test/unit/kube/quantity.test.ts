import { expect, test } from 'vitest';
import { amountOf, isSameQuantity } from '../../../src/kube/quantity.ts';

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

test.each([
  ['512Mi', 536_870_912],
  ['500m', 0.5],
  ['1E3', 1_000],
  [2, 2],
  ['512MiB', undefined],
])('%s stands for %s', (quantity, amount) => {
  expect(amountOf(quantity)).toBe(amount);
});
