import type { Json } from '../../json/json.ts';
import type { Schema } from '../../schema/schema.ts';
import { FieldSet } from './set.ts';
import { isEmptyMap, isNothing, members, same, shapeOf } from './typed.ts';

/** The paths that an applied configuration owns: its leaves, empty objects, and items of lists and free maps. */
export function ownedBy(schema: Schema | undefined, value: Json): FieldSet {
  const shape = shapeOf(schema);
  if (shape.kind === 'leaf') return new FieldSet(true, new Map());
  const children = new Map<string, FieldSet>();
  for (const member of members(shape, value)) {
    const below = ownedBy(member.schema, member.value);
    const isOwned = below.isMember || isEmptyMap(member.value) || !member.isDeclared;
    const child = new FieldSet(isOwned, below.children);
    if (!child.isEmpty) children.set(member.element, child);
  }
  return new FieldSet(false, children);
}

/** What differs between two objects. */
export interface Comparison {
  readonly added: FieldSet;
  readonly modified: FieldSet;
  readonly removed: FieldSet;
}

const NONE: Comparison = {
  added: FieldSet.EMPTY,
  modified: FieldSet.EMPTY,
  removed: FieldSet.EMPTY,
};
const HERE = new FieldSet(true, new Map());

/** Compares two values at least one of which is there. */
export function compare(
  schema: Schema | undefined,
  before: Json | undefined,
  after: Json | undefined,
): Comparison {
  const shape = shapeOf(schema);
  const leaf = shape.kind === 'leaf' || (isNothing(before) && isNothing(after));
  const below = leaf ? compareLeaf(before, after) : compareMembers(schema, before, after);
  if (before === undefined) return { ...below, added: withSelf(below.added) };
  if (after === undefined) return { ...below, removed: withSelf(below.removed) };
  return below;
}

function compareLeaf(before: Json | undefined, after: Json | undefined): Comparison {
  const changed = before !== undefined && after !== undefined && !same(before, after);
  return changed ? { ...NONE, modified: HERE } : NONE;
}

function compareMembers(
  schema: Schema | undefined,
  before: Json | undefined,
  after: Json | undefined,
): Comparison {
  const shape = shapeOf(schema);
  const old = new Map(members(shape, before).map((member) => [member.element, member]));
  const now = new Map(members(shape, after).map((member) => [member.element, member]));
  const children = { added: new Map(), modified: new Map(), removed: new Map() };
  for (const element of new Set([...old.keys(), ...now.keys()])) {
    const member = now.get(element) ?? old.get(element);
    const below = compare(member?.schema, old.get(element)?.value, now.get(element)?.value);
    for (const part of ['added', 'modified', 'removed'] as const) {
      if (!below[part].isEmpty) children[part].set(element, below[part]);
    }
  }
  return {
    added: new FieldSet(false, children.added),
    modified: new FieldSet(false, children.modified),
    removed: new FieldSet(false, children.removed),
  };
}

function withSelf(set: FieldSet): FieldSet {
  return new FieldSet(true, set.children);
}
