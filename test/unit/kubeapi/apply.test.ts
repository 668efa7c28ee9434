import { describe, expect, test } from 'vitest';
import type { Json } from '../../../src/json/json.ts';
import {
  readManagedFields,
  writeManagedFields,
} from '../../../src/kubeapi/fields/managedFields.ts';
import {
  ApplyConflicts,
  applyConfig,
  type Manager,
  type Owner,
  ownersAfterUpdate,
} from '../../../src/kubeapi/fields/owners.ts';
import { FieldSet } from '../../../src/kubeapi/fields/set.ts';
import type { Schema } from '../../../src/schema/schema.ts';

const text: Schema = { type: 'string' };
const schema: Schema = {
  type: 'object',
  properties: {
    mode: text,
    empty: { type: 'object', properties: {} },
    nested: { type: 'object', properties: { a: text, b: text } },
    labels: { type: 'object', additionalProperties: text },
    whole: { type: 'array', items: text },
    point: { type: 'object', 'x-kubernetes-map-type': 'atomic', properties: { x: text, y: text } },
    tags: { type: 'array', items: text, 'x-kubernetes-list-type': 'set' },
    conditions: {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['type'],
      items: { type: 'object', properties: { type: text, status: text } },
    },
  },
};

const NOW = '2026-01-01T00:00:00Z';

function manager(name: string, operation: Manager['operation'] = 'Apply'): Manager {
  return { manager: name, operation, apiVersion: 'v1', subresource: '' };
}

/** An object and its owners, changed step by step. */
class Document {
  object: Json = {};
  owners: Owner[] = [];

  apply(name: string, config: Json, force = false): this {
    const rules = { ignored: FieldSet.EMPTY, force, time: NOW };
    const applied = applyConfig(schema, this.object, config, this.owners, manager(name), rules);
    if (applied.object !== undefined) this.object = applied.object;
    this.owners = applied.owners;
    return this;
  }

  update(name: string, object: Json): this {
    const by = manager(name, 'Update');
    const rules = { ignored: FieldSet.EMPTY, time: NOW };
    this.owners = ownersAfterUpdate(schema, this.object, object, this.owners, by, rules);
    this.object = object;
    return this;
  }

  owned(name: string): unknown {
    return this.owners.find((owner) => owner.manager === name)?.fields.toFieldsV1();
  }
}

function conflictsOf(run: () => unknown): string[] {
  try {
    run();
  } catch (error) {
    if (error instanceof ApplyConflicts) return error.conflicts.map(({ owner }) => owner.manager);
    throw error;
  }
  return [];
}

describe('an apply', () => {
  test('owns what it says and no more', () => {
    const document = new Document().apply('one', { mode: 'x', nested: { a: '1' }, empty: {} });
    expect(document.owned('one')).toEqual({
      'f:mode': {},
      'f:nested': { 'f:a': {} },
      'f:empty': {},
    });
  });

  test('takes away what it does not say any more, when nobody else owns it', () => {
    const document = new Document()
      .apply('one', { mode: 'x', nested: { a: '1', b: '2' } })
      .apply('two', { nested: { b: '2' } })
      .apply('one', {});
    expect(document.object).toEqual({ nested: { b: '2' } });
    expect(document.owners.map(({ manager: name }) => name)).toEqual(['two']);
  });

  test('leaves what somebody else put there', () => {
    const document = new Document()
      .update('writer', { mode: 'x' })
      .apply('one', { nested: { a: '1' } });
    expect(document.apply('one', {}).object).toEqual({ mode: 'x' });
  });

  test('that would change what others own is a conflict, and force takes it', () => {
    const document = new Document().apply('one', { mode: 'x' }).update('two', { mode: 'y' });
    expect(document.owned('one')).toBeUndefined();
    expect(conflictsOf(() => document.apply('three', { mode: 'z' }))).toEqual(['two']);
    expect(document.object).toEqual({ mode: 'y' });
    document.apply('three', { mode: 'z' }, true);
    expect(document.owners.map(({ manager: name }) => name)).toEqual(['three']);
  });

  test('that agrees shares what is owned', () => {
    const document = new Document().apply('one', { mode: 'x' }).apply('two', { mode: 'x' });
    expect(document.owners).toHaveLength(2);
    expect(document.apply('one', {}).object).toEqual({ mode: 'x' });
    // Nothing is left, which is null.
    expect(document.apply('two', {}).object).toBeNull();
  });

  test('merges items of a map-like list by their keys, each with owners of its own', () => {
    const ready = { type: 'Ready', status: 'True' };
    const other = { type: 'Other', status: 'True' };
    const document = new Document()
      .apply('one', { conditions: [ready] })
      .apply('two', { conditions: [other] });
    expect(document.object).toEqual({ conditions: [ready, other] });
    const changed = { conditions: [{ ...ready, status: 'False' }] };
    expect(conflictsOf(() => document.apply('two', changed))).toEqual(['one']);
    expect(document.apply('one', { conditions: [] }).object).toEqual({ conditions: [other] });
  });

  test('merges sets, and takes atomic lists and objects as a whole', () => {
    const document = new Document()
      .apply('one', { tags: ['a'], whole: ['a'], point: { x: '1' } })
      .apply('two', { tags: ['b'] });
    expect(document.object).toMatchObject({ tags: ['a', 'b'] });
    expect(conflictsOf(() => document.apply('two', { whole: ['b'] }))).toEqual(['one']);
    expect(conflictsOf(() => document.apply('two', { point: { y: '1' } }))).toEqual(['one']);
    expect(document.owned('one')).toMatchObject({ 'f:whole': {}, 'f:point': {} });
  });

  test('puts the items that it says in the order in which it says them', () => {
    const item = (type: string) => ({ type, status: 'True' });
    const order = (...said: string[]) => {
      const document = new Document()
        .apply('one', { conditions: ['a', 'x', 'b', 'y'].map(item) })
        .apply('two', { conditions: said.map(item) });
      const { conditions } = document.object as { conditions: { type: string }[] };
      return conditions.map(({ type }) => type).join('');
    };
    expect(order('b', 'a')).toBe('xbya');
    expect(order('a', 'b')).toBe('axby');
    expect(order('n', 'b')).toBe('axnby');
    expect(order('b', 'n')).toBe('axbyn');
    expect(order('n')).toBe('axbyn');
  });

  test('with null says nothing of what is there, and null of what is not', () => {
    const document = new Document().apply('one', { nested: { a: '1' } });
    document.apply('two', { nested: null, labels: null });
    expect(document.object).toEqual({ nested: { a: '1' }, labels: null });
  });

  test('that lets go of all of an object leaves null of it', () => {
    const document = new Document()
      .apply('one', { labels: { a: 'b' } })
      .apply('one', { labels: {} });
    expect(document.object).toEqual({ labels: null });
  });

  test('the same again changes nothing, not even the time', () => {
    const document = new Document().apply('one', { mode: 'x' });
    const before = document.owners;
    const later = { ignored: FieldSet.EMPTY, force: false, time: '2027-01-01T00:00:00Z' };
    const again = applyConfig(
      schema,
      document.object,
      { mode: 'x' },
      before,
      manager('one'),
      later,
    );
    expect(again.object).toBeUndefined();
    expect(writeManagedFields(again.owners)).toEqual(writeManagedFields(before));
  });
});

describe('an update', () => {
  test('owns what it changed, and frees what it took away', () => {
    const document = new Document()
      .apply('one', { mode: 'x', nested: { a: '1' }, labels: { a: 'b' } })
      .update('two', { mode: 'y', labels: { a: 'b', c: 'd' } });
    expect(document.owned('one')).toEqual({ 'f:labels': { 'f:a': {} } });
    expect(document.owned('two')).toEqual({ 'f:mode': {}, 'f:labels': { 'f:c': {} } });
  });

  test('that changes nothing owns nothing', () => {
    const document = new Document().apply('one', { mode: 'x' }).update('two', { mode: 'x' });
    expect(document.owners.map(({ manager: name }) => name)).toEqual(['one']);
  });
});

test('owners are written and read, and nonsense is none', () => {
  const { owners } = new Document().apply('one', { mode: 'x' }).update('two', { mode: 'y' });
  expect(readManagedFields(writeManagedFields(owners))).toEqual(owners);
  expect(readManagedFields([{ manager: 'x' }])).toBeUndefined();
  expect(readManagedFields('x')).toBeUndefined();
});
