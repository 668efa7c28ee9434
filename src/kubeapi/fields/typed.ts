import { isDeepStrictEqual } from 'node:util';
import { isObject, type Json, sortKeys } from '../../json/json.ts';
import { keysOf, memberSchema, type Schema } from '../../schema/schema.ts';

/**
 * How server-side apply looks at a value of the schema: a leaf is owned as a whole, members are owned one by one. An
 * undeclared value is a leaf.
 */
export type Shape =
  | { readonly kind: 'leaf' }
  | { readonly kind: 'map'; readonly schema: Schema }
  | { readonly kind: 'list'; readonly schema: Schema };

export function shapeOf(schema: Schema | undefined): Shape {
  if (schema?.type === 'object') {
    return schema['x-kubernetes-map-type'] === 'atomic'
      ? { kind: 'leaf' }
      : { kind: 'map', schema };
  }
  if (schema?.type === 'array') {
    const type = schema['x-kubernetes-list-type'] ?? 'atomic';
    return type === 'atomic' ? { kind: 'leaf' } : { kind: 'list', schema };
  }
  return { kind: 'leaf' };
}

/** A member of a map or an item of a list, by its path element. */
export interface Member {
  readonly element: string;
  readonly value: Json;
  readonly schema: Schema | undefined;
  /** The schema names it: such a member exists by its own members alone and is not owned itself. */
  readonly isDeclared: boolean;
}

export function members(shape: Shape, value: Json | undefined): Member[] {
  if (shape.kind === 'map' && isObject(value)) {
    return Object.entries(value).map(([name, member]) => ({
      element: `f:${name}`,
      value: member,
      schema: memberSchema(shape.schema, name),
      isDeclared: Object.hasOwn(shape.schema.properties ?? {}, name),
    }));
  }
  if (shape.kind === 'list' && Array.isArray(value)) {
    return value.map((item: Json) => ({
      element: elementOf(shape.schema, item),
      value: item,
      schema: shape.schema.items,
      isDeclared: false,
    }));
  }
  return [];
}

function elementOf(schema: Schema, item: Json): string {
  if (schema['x-kubernetes-list-type'] === 'set') return `v:${JSON.stringify(item)}`;
  return `k:${JSON.stringify(sortKeys(keysOf(schema, item)))}`;
}

/** Puts members back together. */
export function assemble(shape: Shape, parts: readonly Member[]): Json {
  if (shape.kind === 'list') return parts.map(({ value }) => value);
  return Object.fromEntries(parts.map(({ element, value }) => [element.slice(2), value]));
}

export function isNothing(value: Json | undefined): boolean {
  if (value === undefined || value === null) return true;
  if (Array.isArray(value)) return value.length === 0;
  return isObject(value) && Object.keys(value).length === 0;
}

/** `{}` or null: what a configuration owns although there is nothing in it. */
export function isEmptyMap(value: Json): boolean {
  return value === null || (isObject(value) && Object.keys(value).length === 0);
}

export const same = (a: Json | undefined, b: Json | undefined): boolean => isDeepStrictEqual(a, b);
