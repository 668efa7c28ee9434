import { describe, expect, test } from 'vitest';
import { type Definition, definitionBreaks } from '../../../../scripts/release/definitionBreaks.ts';

type Schema = Definition['spec']['versions'][number]['schema']['openAPIV3Schema'];

const version = (schema: Schema, changes: object = {}) => ({
  name: 'v1',
  served: true,
  subresources: { status: {} },
  schema: { openAPIV3Schema: schema },
  ...changes,
});

function definition(schema: Schema, changes: object = {}): Definition {
  return {
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { kind: 'Thing', plural: 'things' },
      versions: [version(schema)],
      ...changes,
    },
  };
}

const object = (properties: Record<string, Schema>, more: object = {}): Schema => ({
  type: 'object',
  properties,
  ...more,
});

/** What breaks when the field `spec.x` changes so. */
function breaks(before: Schema, after: Schema): string[] {
  const around = (x: Schema) => definition(object({ spec: object({ x }) }));
  return definitionBreaks(around(before), around(after));
}

const text = { type: 'string' };
const whole = { type: 'integer' };
const list = { type: 'array', items: text };
const rule = (one: string) => ({ ...text, 'x-kubernetes-validations': [{ rule: one }] });

describe('breaks stored objects', () => {
  const cases: readonly [what: string, before: Schema, after: Schema, says: string][] = [
    ['another type', whole, text, 'spec.x: the type changed from integer to string'],
    [
      'no more fractions',
      { type: 'number' },
      whole,
      'spec.x: the type changed from number to integer',
    ],
    [
      'either type no more',
      { 'x-kubernetes-int-or-string': true },
      whole,
      'spec.x: the type changed from int-or-string to integer',
    ],
    ['null no more', { ...text, nullable: true }, text, 'spec.x: null is no longer allowed'],
    ['a first minimum', whole, { ...whole, minimum: 0 }, 'spec.x: minimum rose from none to 0'],
    [
      'a higher minimum',
      { ...whole, minimum: 0 },
      { ...whole, minimum: 1 },
      'spec.x: minimum rose from 0 to 1',
    ],
    [
      'a lower maximum',
      { ...whole, maximum: 9 },
      { ...whole, maximum: 8 },
      'spec.x: maximum fell from 9 to 8',
    ],
    [
      'a bound that is out now',
      { ...whole, minimum: 0 },
      { ...whole, minimum: 0, exclusiveMinimum: true },
      'spec.x: exclusiveMinimum is new',
    ],
    ['a step', whole, { ...whole, multipleOf: 10 }, 'spec.x: multipleOf changed from none to 10'],
    [
      'a wider step',
      { ...whole, multipleOf: 5 },
      { ...whole, multipleOf: 10 },
      'spec.x: multipleOf changed from 5 to 10',
    ],
    [
      'a longer least length',
      text,
      { ...text, minLength: 1 },
      'spec.x: minLength rose from none to 1',
    ],
    [
      'a shorter most length',
      { ...text, maxLength: 9 },
      { ...text, maxLength: 8 },
      'spec.x: maxLength fell from 9 to 8',
    ],
    ['fewer items', list, { ...list, maxItems: 3 }, 'spec.x: maxItems fell from none to 3'],
    [
      'more items',
      { ...list, minItems: 1 },
      { ...list, minItems: 2 },
      'spec.x: minItems rose from 1 to 2',
    ],
    ['a first pattern', text, { ...text, pattern: 'a' }, 'spec.x: pattern is new'],
    [
      'another pattern',
      { ...text, pattern: 'a*' },
      { ...text, pattern: 'a+' },
      'spec.x: pattern changed',
    ],
    ['a format', text, { ...text, format: 'date-time' }, 'spec.x: format is new'],
    ['a first enum', text, { ...text, enum: ['a'] }, 'spec.x: enum is new'],
    [
      'a narrower enum',
      { ...text, enum: ['a', 'b'] },
      { ...text, enum: ['a'] },
      'spec.x: enum lost "b"',
    ],
    ['a rule', text, rule('self != ""'), 'spec.x: a rule without oldSelf is new: self != ""'],
    [
      'another rule',
      rule('self != "a"'),
      rule('self != "b"'),
      'spec.x: a rule without oldSelf is new: self != "b"',
    ],
    ['one of', text, { ...text, oneOf: [{ maxLength: 1 }] }, 'spec.x: oneOf is new'],
    ['items that differ', list, { ...list, uniqueItems: true }, 'spec.x: uniqueItems is new'],
    [
      'a list that is a set',
      list,
      { ...list, 'x-kubernetes-list-type': 'set' },
      "spec.x: the list's type changed from atomic to set",
    ],
    [
      'narrower items',
      list,
      { type: 'array', items: whole },
      'spec.x[]: the type changed from string to integer',
    ],
    ['a removed field', object({ y: text }), object({}), 'spec.x.y: the field is gone'],
    [
      'a new required field',
      object({ y: text }),
      object({ y: text }, { required: ['y'] }),
      'spec.x.y: the field is required',
    ],
    [
      'a required field without its default',
      object({ y: { ...text, default: '' } }),
      object({ y: text }, { required: ['y'] }),
      'spec.x.y: the field is required',
    ],
    [
      'no unknown fields',
      { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
      object({}),
      'spec.x: fields that are not named are dropped',
    ],
    [
      'narrower values of a map',
      { type: 'object', additionalProperties: text },
      { type: 'object', additionalProperties: { ...text, maxLength: 1 } },
      'spec.x.*: maxLength fell from none to 1',
    ],
  ];

  test.each(cases)('%s', (_, before, after, says) => {
    expect(breaks(before, after)).toEqual([says]);
  });

  test.each([
    ['another scope', { scope: 'Cluster' }, 'the resource changed from'],
    ['another kind', { names: { kind: 'Other', plural: 'things' } }, 'the resource changed from'],
    ['no version', { versions: [] }, 'version v1 is no longer served'],
    [
      'a version that is not served',
      { versions: [version(object({}), { served: false })] },
      'version v1 is no longer served',
    ],
    [
      'no status',
      { versions: [version(object({}), { subresources: {} })] },
      'version v1 has no status subresource any more',
    ],
  ])('%s', (_, changes, says) => {
    const found = definitionBreaks(definition(object({})), definition(object({}), changes));
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(says);
  });
});

describe('breaks no stored object', () => {
  const cases: readonly [what: string, before: Schema, after: Schema][] = [
    ['another description', text, { ...text, description: 'Other.' } as Schema],
    ['fractions', whole, { type: 'number' }],
    ['wider bounds', { ...whole, minimum: 1, maximum: 2 }, { ...whole, minimum: 0, maximum: 3 }],
    ['no bounds', { ...text, minLength: 1, maxLength: 2, pattern: 'a' }, text],
    ['a finer step', { ...whole, multipleOf: 10 }, { ...whole, multipleOf: 5 }],
    ['a wider enum', { ...text, enum: ['a'] }, { ...text, enum: ['b', 'a'] }],
    ['no enum', { ...text, enum: ['a'] }, text],
    ['fewer rules', rule('self != ""'), text],
    ['a rule on changes', text, rule('self == oldSelf')],
    ['a new field', object({}), object({ y: { ...text, maxLength: 1 } })],
    [
      'a required field that is filled in',
      object({}),
      object({ y: { ...text, default: 'a' } }, { required: ['y'] }),
    ],
    ['no requirement', object({ y: text }, { required: ['y'] }), object({ y: text })],
    ['a set that is a list', { ...list, 'x-kubernetes-list-type': 'set' }, list],
    [
      'unknown fields',
      object({ y: text }),
      { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    ],
  ];

  test.each(cases)('%s', (_, before, after) => {
    expect(breaks(before, after)).toEqual([]);
  });

  test('a new version beside the old one', () => {
    const both = definition(object({}), {
      versions: [version(object({})), version(object({}), { name: 'v2' })],
    });
    expect(definitionBreaks(definition(object({})), both)).toEqual([]);
  });
});
