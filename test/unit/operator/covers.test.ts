import { expect, test } from 'vitest';
import { covers } from '../../../src/operator/covers.ts';

test.each([
  [{ a: 1, b: 2 }, { a: 1 }, true],
  [{ a: 1 }, { a: 2 }, false],
  [{}, { a: 1 }, false],
  [undefined, { a: 1 }, false],
  [{ list: [{ a: 1, defaulted: true }] }, { list: [{ a: 1 }] }, true],
  [{ list: [1, 2] }, { list: [1] }, false],
  [{ resources: { limits: { cpu: '500m' } } }, { resources: { limits: { cpu: '0.5' } } }, true],
])('%j covers %j: %s', (live, desired, expected) => {
  expect(covers(live, desired)).toBe(expected);
});
