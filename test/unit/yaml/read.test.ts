import { describe, expect, test } from 'vitest';
import { FILE_BOUNDS, parseYaml, readYaml } from '../../../src/yaml/read.ts';
import { YamlError } from '../../../src/yaml/yamlError.ts';
import { SCALARS } from './table.ts';

test.each(SCALARS)('%s is %j', (text, value) => {
  expect(parseYaml(`v: ${text}`).value).toEqual({ v: value });
});

describe('a text', () => {
  test('has documents, each with its value or what is wrong with it', () => {
    const read = [...readYaml('a: 1\n---\nb: @\n---\n# nothing\n---\nc: [1, *x]\n')];
    expect(read.map((each) => (each instanceof YamlError ? each.line : each.value))).toEqual([
      { a: 1 },
      3,
      null,
      7,
    ]);
  });

  test('may repeat what has an anchor, whole or as a part', () => {
    const text = 'a: &x {b: 1, c: 2}\nd: *x\ne: {<<: *x, c: 3}\n';
    expect(parseYaml(text).value).toEqual({
      a: { b: 1, c: 2 },
      d: { b: 1, c: 2 },
      e: { b: 1, c: 3 },
    });
  });

  test('says which keys it has twice, and which of them by a merge', () => {
    expect(parseYaml('a: 1\na:\n  2\nb: {<<: {c: 1}, c: 2}').duplicates).toEqual([
      { key: 'a', line: 3, isMerged: false },
      { key: 'c', line: 4, isMerged: true },
    ]);
  });

  test.each([
    ['a: &x [*x]', 'contains itself'],
    ['a: *x', "unknown anchor 'x'"],
    ['[a]: 1', 'a key must be a text'],
    ['~: 1', 'a key must be a text'],
    ['__proto__: 1', '__proto__'],
    ['a: .inf', 'JSON has no .inf'],
    ['a: !!int x', '"x" is no int'],
    ['<<: 1', '<< takes a map'],
    ['['.repeat(10_000), 'too deep'],
    [`${'['.repeat(600)}${']'.repeat(600)}`, 'too deep'],
  ])('%.20s is refused', (text, message) => {
    expect(() => parseYaml(text)).toThrow(message);
  });

  test('is bounded in tokens, for each document, and in what aliases repeat', () => {
    const bounds = { ...FILE_BOUNDS, tokens: 20 };
    expect([...readYaml('a: 1\nb: 2\n---\na: 1\nb: 2\n', bounds)]).toHaveLength(2);
    expect(() => parseYaml('[1,2,3,4,5,6,7,8,9,10]', bounds)).toThrow('20 tokens');
    const bomb = `a: &a [${'x,'.repeat(100)}]\nb: [${'*a,'.repeat(100)}]\n`;
    expect(() => parseYaml(bomb)).toThrow('repeat more than 10000 values');
  });
});
