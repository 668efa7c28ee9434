import type { Json } from '../../json/json.ts';
import { memberSchema, type Schema } from '../../schema/schema.ts';
import { without } from './merge.ts';
import { FieldSet } from './set.ts';
import { ownedBy } from './walk.ts';

/**
 * Takes away what a manager applied the last time and does not apply any more, unless somebody else owns it or
 * something below it.
 *
 * @param merged the live object with the new configuration laid over it
 * @param last what the manager owned until now
 * @param owned what any manager owns now, this one's new configuration included
 */
export function prune(schema: Schema, merged: Json, last: FieldSet, owned: FieldSet): Json {
  if (last.isEmpty) return merged;
  const setOf = (value: Json) => withNamed(schema, ownedBy(schema, value));
  const everything = setOf(merged);
  const before = withNamed(schema, last);
  const untouched = setOf(without(schema, merged, before));
  const unowned = everything.difference(untouched.union(withNamed(schema, owned)));
  const kept = setOf(without(schema, merged, unowned));
  return without(schema, merged, everything.difference(kept).intersection(before));
}

/** Declared fields exist by what is below them: where a set has something below one, the field counts too. */
function withNamed(schema: Schema | undefined, set: FieldSet): FieldSet {
  const children = new Map<string, FieldSet>();
  for (const [element, child] of set.children) {
    const name = element.slice(2);
    const isField = element.startsWith('f:') && schema?.type === 'object';
    const below = isField ? memberSchema(schema, name) : schema?.items;
    const named = withNamed(below, child);
    const isDeclared = isField && Object.hasOwn(schema.properties ?? {}, name);
    children.set(element, new FieldSet(named.isMember || isDeclared, named.children));
  }
  return new FieldSet(set.isMember, children);
}
