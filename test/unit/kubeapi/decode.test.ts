import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MAX_DEPTH, scanJson } from '../../../src/kubeapi/decode/scan.ts';
import { decodeJson, decodeYaml } from '../../../src/kubeapi/decode/text.ts';

describe('JSON', () => {
  test.each([
    ['{"a":1,"a":2}', ['a']],
    ['{"a":{"b":1,"b":2},"b":3}', ['a.b']],
    ['{"a":[{"b":1},{"b":1,"b":2}]}', ['a[1].b']],
    ['{"a":1,"\\u0061":2}', ['a']],
    ['{"a":"\\"b\\":1,","b":"{","c":"\\\\"}', []],
    ['[{"a":1},{"a":1}]', []],
    ['"a"', []],
  ])('%s has twice %j', (text, duplicates) => {
    expect([...scanJson(text).duplicates]).toEqual(duplicates);
  });

  test('is read as JSON.parse reads it', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
        const text = JSON.stringify(value);
        fc.pre(!text.includes('__proto__'));
        expect(decodeJson(text)).toEqual({ value: JSON.parse(text), duplicates: [] });
      }),
    );
  });

  test('nests so deep and no deeper', () => {
    const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;
    expect(() => decodeJson(nested(MAX_DEPTH))).not.toThrow();
    expect(() => decodeJson(nested(MAX_DEPTH + 1))).toThrow('max depth');
  });
});

describe('YAML is read as Kubernetes reads it', () => {
  test.each([
    ['a: yes', { a: true }],
    ['a: "yes"', { a: 'yes' }],
    ['a: off', { a: false }],
    ['a: 0x10', { a: 16 }],
    ['a: 010', { a: 8 }],
    ['a: 1_000', { a: 1_000 }],
    ['a: ~', { a: null }],
    ['a: 12:30', { a: '12:30' }],
    ['a: 2026-01-01', { a: '2026-01-01' }],
    ['a: &x {b: 1}\nc: *x', { a: { b: 1 }, c: { b: 1 } }],
    ['a: 1\n---\nb: 2', { a: 1 }],
    ['# nothing', null],
    ['{"a": [1, "b"]}', { a: [1, 'b'] }],
  ])('%j', (text, value) => {
    expect(decodeYaml(text)).toEqual({ value, duplicates: [] });
  });

  test('and what comes twice is told by its line', () => {
    expect(decodeYaml('a: 1\nb:\n  c: 1\n  c: 2\n')).toEqual({
      value: { a: 1, b: { c: 2 } },
      duplicates: ['line 4: key "c" already set in map'],
    });
  });
});
