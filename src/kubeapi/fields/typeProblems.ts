import { isObject, type Json } from '../../json/json.ts';
import { keysOf, type Schema } from '../../schema/schema.ts';
import { goType } from '../decode/metadataTypes.ts';
import { pathText } from './set.ts';
import { members, shapeOf } from './typed.ts';

const EXPECTED: Readonly<Record<Schema['type'], string>> = {
  object: 'map',
  array: 'list',
  string: 'string',
  boolean: 'boolean',
  integer: 'numeric (int or float)',
  number: 'numeric (int or float)',
};

/** Why a configuration cannot be applied: undeclared fields, wrong types, items that cannot be told apart. */
export function typeProblems(schema: Schema, value: Json, path: readonly string[] = []): string[] {
  if (value === null) return [];
  const here = pathText(path);
  if (!fits(schema, value)) {
    return [`${here}: expected ${EXPECTED[schema.type]}, got ${asGoPrints(value, schema.type)}`];
  }
  const shape = shapeOf(schema);
  const unnamed = shape.kind === 'list' ? itemProblems(schema, value as readonly Json[], here) : [];
  if (unnamed.length > 0) return unnamed;
  return members(shape, value).flatMap((member) => {
    const at = [...path, member.element];
    if (member.schema === undefined) {
      return isFree(schema) ? [] : [`${pathText(at)}: field not declared in schema`];
    }
    return typeProblems(member.schema, member.value, at);
  });
}

function fits({ type }: Schema, value: Json): boolean {
  if (type === 'object') return isObject(value);
  if (type === 'array') return Array.isArray(value);
  return type === 'integer' || type === 'number'
    ? typeof value === 'number'
    : typeof value === type;
}

/** Three kinds of types, three ways of Go to print what there is instead. */
function asGoPrints(value: Json, expected: Schema['type']): string {
  if (expected === 'integer' || expected === 'number') return goType(value);
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  const isContainer = expected === 'object' || expected === 'array';
  return isContainer ? `&{${text}}` : `&value.valueUnstructured{Value:${text}}`;
}

/** An object of which nothing is declared takes anything here; what it cannot keep is dropped later. */
function isFree({ properties = {}, additionalProperties }: Schema): boolean {
  return Object.keys(properties).length === 0 && additionalProperties === undefined;
}

function itemProblems(schema: Schema, items: readonly Json[], here: string): string[] {
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  if (schema['x-kubernetes-list-type'] === 'map') {
    const index = items.findIndex((item) => Object.keys(keysOf(schema, item)).length === 0);
    if (index >= 0) {
      return [
        `${here}: element ${index}: associative list with keys has an element that omits all key fields ${JSON.stringify(keys)} (and doesn't have default values for any key fields)`,
      ];
    }
  }
  const elements = members(shapeOf(schema), items).map(({ element }) => element);
  const seen = new Set<string>();
  const again = elements.find((element) => seen.size === seen.add(element).size);
  return again === undefined ? [] : [`${here}: duplicate entries for key ${pathText([again])}`];
}
