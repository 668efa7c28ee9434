import { describe, expect, test } from 'vitest';
import type { Json, JsonObject } from '../../../src/json/json.ts';
import { StatusError } from '../../../src/kubeapi/errors.ts';
import { jsonPatch, parseJsonPatch } from '../../../src/kubeapi/patch/jsonPatch.ts';
import { mergePatch } from '../../../src/kubeapi/patch/mergePatch.ts';

describe('a merge patch (RFC 7386, appendix A)', () => {
  test.each<[Json, Json, Json]>([
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    [{ a: 'b' }, { a: null }, {}],
    [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [
      ['a', 'b'],
      ['c', 'd'],
      ['c', 'd'],
    ],
    [{ a: 'b' }, ['c'], ['c']],
    [{ a: 'foo' }, null, null],
    [{ a: 'foo' }, 'bar', 'bar'],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [[1, 2], { a: 'b', c: null }, { a: 'b' }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ])('of %j by %j', (target, patch, result) => {
    const before = structuredClone(target);
    expect(mergePatch(target, patch)).toEqual(result);
    expect(target).toEqual(before);
  });
});

describe('a JSON patch (RFC 6902)', () => {
  const target: JsonObject = { a: { b: [1, 2] }, c: 'd' };

  test.each<[JsonObject, Json]>([
    [
      { op: 'add', path: '/e', value: 1 },
      { ...target, e: 1 },
    ],
    [
      { op: 'add', path: '/a/b/1', value: 9 },
      { ...target, a: { b: [1, 9, 2] } },
    ],
    [
      { op: 'add', path: '/a/b/-', value: 9 },
      { ...target, a: { b: [1, 2, 9] } },
    ],
    [{ op: 'remove', path: '/c' }, { a: { b: [1, 2] } }],
    [
      { op: 'replace', path: '/c', value: 'e' },
      { ...target, c: 'e' },
    ],
    [
      { op: 'move', from: '/c', path: '/e' },
      { a: { b: [1, 2] }, e: 'd' },
    ],
    [
      { op: 'copy', from: '/c', path: '/e' },
      { ...target, e: 'd' },
    ],
    [{ op: 'test', path: '/a', value: { b: [1, 2] } }, target],
    [{ op: 'replace', path: '', value: {} }, {}],
  ])('%j', (operation, result) => {
    const before = structuredClone(target);
    expect(jsonPatch(target, [operation])).toEqual(result);
    expect(target).toEqual(before);
  });

  test.each<[JsonObject]>([
    [{ op: 'remove', path: '/nothing' }],
    [{ op: 'replace', path: '/nothing', value: 1 }],
    [{ op: 'add', path: '/nothing/below', value: 1 }],
    [{ op: 'add', path: '/c/below', value: 1 }],
    [{ op: 'add', path: '/a/b/7', value: 1 }],
    [{ op: 'test', path: '/c', value: 'x' }],
    [{ op: 'frob', path: '/c' }],
    [{ op: 'add', path: 7, value: 1 }],
    [{ op: 'add', path: 'c', value: 1 }],
    [{ op: 'move', from: '/a', path: '/a/b' }],
    [{ path: '/c' }],
  ])('is refused: %j', (operation) => {
    expect(() => jsonPatch(target, [operation])).toThrow(StatusError);
  });

  test('has operations alone, and not too many of them', () => {
    expect(() => parseJsonPatch({})).toThrow('cannot unmarshal object');
    expect(() => parseJsonPatch([7])).toThrow('cannot unmarshal number');
    expect(() => parseJsonPatch(Array.from({ length: 10_001 }, () => ({})))).toThrow('10000');
    expect(parseJsonPatch([{ op: 'remove', path: '/a', foo: 1 }]).problems).toEqual([
      'json patch unknown field "[0].foo"',
    ]);
  });
});
