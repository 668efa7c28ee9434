import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FieldSet, pathText } from '../../../src/kubeapi/fields/set.ts';

const element = fc.constantFrom('f:a', 'f:b', 'v:"x"', 'k:{"type":"Ready"}');
const sets = fc
  .array(fc.array(element, { minLength: 1, maxLength: 4 }), { maxLength: 6 })
  .map((paths) => FieldSet.of(...paths));

function same(a: FieldSet, b: FieldSet): void {
  expect(a.toFieldsV1()).toEqual(b.toFieldsV1());
}

describe('a set of fields', () => {
  test('is written and read as FieldsV1', () => {
    fc.assert(fc.property(sets, (set) => same(FieldSet.fromFieldsV1(set.toFieldsV1()), set)));
  });

  test('marks a member that has members below it', () => {
    const set = FieldSet.of(['f:spec'], ['f:spec', 'f:seed']);
    expect(set.toFieldsV1()).toEqual({ 'f:spec': { '.': {}, 'f:seed': {} } });
    expect(set.paths()).toEqual([['f:spec'], ['f:spec', 'f:seed']]);
  });

  test('names the paths of a level before those below it', () => {
    const set = FieldSet.of(['f:a', 'f:b'], ['f:z'], ['f:c'], ['f:a', 'f:a', 'f:a']);
    expect(set.paths().map((path) => path.join('/'))).toEqual([
      'f:c',
      'f:z',
      'f:a/f:b',
      'f:a/f:a/f:a',
    ]);
  });

  test('keeps the laws of sets', () => {
    fc.assert(
      fc.property(sets, sets, (a, b) => {
        same(a.union(b), b.union(a));
        same(a.intersection(b), b.intersection(a));
        same(a.difference(b).union(a.intersection(b)), a);
        expect(a.difference(b).intersection(b).paths()).toEqual([]);
        expect(a.difference(a).isEmpty).toBe(true);
      }),
    );
  });

  test('without another has nothing at or below its paths', () => {
    const set = FieldSet.of(['f:status'], ['f:status', 'f:faults'], ['f:spec', 'f:seed']);
    same(set.without(FieldSet.of(['f:status'])), FieldSet.of(['f:spec', 'f:seed']));
  });
});

test('a path reads as kubectl prints it', () => {
  expect(pathText(['f:status', 'f:conditions', 'k:{"type":"Ready"}', 'f:status'])).toBe(
    '.status.conditions[type="Ready"].status',
  );
  expect(pathText(['f:metadata', 'f:finalizers', 'v:"x.y/z"'])).toBe(
    '.metadata.finalizers[="x.y/z"]',
  );
});
