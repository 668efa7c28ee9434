import type { JsonObject } from '../../json/json.ts';
import type { Column } from '../../schema/column.ts';
import type { FieldError } from '../../schema/fieldError.ts';
import type { Schema } from '../../schema/schema.ts';
import type { Named } from '../errors.ts';

export const VERBS = [
  'create',
  'delete',
  'deletecollection',
  'get',
  'list',
  'patch',
  'update',
  'watch',
] as const;
export type Verb = (typeof VERBS)[number];

/** All there is to know about a resource that the API serves. */
export interface Kind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly isNamespaced: boolean;
  readonly verbs: readonly Verb[];
  readonly hasStatus: boolean;
  /** Of the whole object, metadata included. */
  readonly schema: Schema;
  readonly columns: readonly Column[];
  /** A kind of Kubernetes itself, and not from a CRD: a few answers differ in form. */
  readonly isBuiltIn: boolean;
  /** Fields of the top that nobody owns, no matter who writes them. */
  readonly unowned?: readonly string[];
  /** Under this name its objects are stored; two kinds may show the same objects. */
  readonly storedAs: string;
  /** What the server itself adds to an object that is written, beside the schema's defaults. */
  complete?(object: JsonObject): JsonObject;
  /** From and to the form in which objects are stored. */
  toStored(object: JsonObject): JsonObject;
  fromStored(object: JsonObject): JsonObject;
  /** Values of the fields, besides name and namespace, that field selectors may ask for. */
  selectable(object: JsonObject): Readonly<Record<string, string>>;
  /** What is wrong with the object beyond its metadata. @param before what it replaces; undefined: it is a new one */
  validate(
    object: JsonObject,
    subresource: '' | 'status',
    before?: JsonObject,
  ): readonly FieldError[];
}

export function apiVersionOf({ group, version }: { group: string; version: string }): string {
  return group === '' ? version : `${group}/${version}`;
}

/** `widgets.example.com`: what most messages name. */
export function resourceOf({ group, plural }: Kind): Named {
  return { group, word: plural };
}

/** `Widget.example.com`: what messages about invalid objects name. */
export function kindOf({ group, kind, isBuiltIn }: Kind): Named {
  return { group: isBuiltIn ? '' : group, word: kind };
}
