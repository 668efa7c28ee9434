import { expect, test } from 'vitest';
import { isSelected, type LabelSelector } from '../../../src/kube/labelSelector.ts';

const LABELS = { app: 'db', tier: 'data' };
const expression = (key: string, operator: string, ...values: string[]): LabelSelector => ({
  matchExpressions: [{ key, operator, values }],
});

test.each<[LabelSelector, boolean]>([
  [{}, true],
  [{ matchLabels: { app: 'db' } }, true],
  [{ matchLabels: { app: 'db', tier: 'web' } }, false],
  [expression('app', 'In', 'web', 'db'), true],
  [expression('app', 'In', 'web'), false],
  [expression('zone', 'In', 'a'), false],
  [expression('app', 'NotIn', 'web'), true],
  [expression('app', 'NotIn', 'db'), false],
  [expression('zone', 'NotIn', 'a'), true],
  [expression('app', 'Exists'), true],
  [expression('zone', 'Exists'), false],
  [expression('app', 'DoesNotExist'), false],
  [expression('zone', 'DoesNotExist'), true],
  [expression('app', 'Like', 'db'), false],
  [{ matchLabels: { app: 'db' }, ...expression('tier', 'NotIn', 'data') }, false],
])('labels are selected, or not, by %j: %s', (selector, expected) => {
  expect(isSelected(LABELS, selector)).toBe(expected);
});
