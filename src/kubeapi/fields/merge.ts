import type { Json } from '../../json/json.ts';
import type { Schema } from '../../schema/schema.ts';
import type { FieldSet } from './set.ts';
import { assemble, isNothing, type Member, members, shapeOf } from './typed.ts';

/**
 * The live value with an applied configuration laid over it. What is not said stays as it is; a `null` for an object or
 * a list says nothing either, unless there is nothing.
 */
export function merge(
  schema: Schema | undefined,
  live: Json | undefined,
  config: Json | undefined,
): Json | undefined {
  const shape = shapeOf(schema);
  const isLeaf = shape.kind === 'leaf' || (isNothing(live) && isNothing(config));
  if (isLeaf) return config === undefined ? live : config;
  const old = members(shape, live);
  const before = new Map(old.map(({ element, value }) => [element, value]));
  const said = members(shape, config).map((member) => ({
    ...member,
    value: merge(member.schema, before.get(member.element), member.value) ?? null,
  }));
  return assemble(shape, inOrder(old, said));
}

/**
 * Items that are said come in the order in which they are said; those that are not stay behind what they came after,
 * as far as both are possible.
 */
function inOrder(old: readonly Member[], said: readonly Member[]): Member[] {
  const isOld = new Set(old.map(({ element }) => element));
  const isSaid = new Set(said.map(({ element }) => element));
  const ordered: Member[] = [];
  let at = 0;
  let next = nextOld(said, isOld, 0);
  for (const member of old) {
    if (!isSaid.has(member.element)) ordered.push(member);
    else if (said[next]?.element === member.element) {
      for (; at <= next; at += 1) ordered.push(said[at] as Member);
      next = nextOld(said, isOld, at);
    }
  }
  return [...ordered, ...said.slice(at)];
}

/** The first member from there on that was there before. */
function nextOld(said: readonly Member[], isOld: ReadonlySet<string>, from: number): number {
  let at = from;
  while (at < said.length && !isOld.has(said[at]?.element ?? '')) at += 1;
  return at;
}

/** The value without the members that are in the set; null when none is left, as structured-merge-diff has it. */
export function without(schema: Schema | undefined, value: Json, gone: FieldSet): Json {
  const shape = shapeOf(schema);
  if (shape.kind === 'leaf' || gone.children.size === 0) return value;
  const kept = members(shape, value).flatMap((member): Member[] => {
    const child = gone.child(member.element);
    if (child.isMember) return [];
    return [{ ...member, value: without(member.schema, member.value, child) }];
  });
  return kept.length === 0 ? null : assemble(shape, kept);
}
