import { isObject, type Json, type JsonObject } from '../json/json.ts';
import { memberSchema, type Schema } from './schema.ts';

export interface Pruned {
  readonly value: Json;
  /** Paths of the fields that the schema does not know, such as `spec.toClient.delai`. */
  readonly unknown: readonly string[];
}

/** The value with the schema's fields alone. What has the wrong type is left for validation to speak of. */
export function pruneUnknown(schema: Schema, value: Json): Pruned {
  const unknown: string[] = [];
  return { value: prune(schema, value, '', unknown), unknown };
}

/** @param unknown gets the paths */
function prune(schema: Schema, value: Json, path: string, unknown: string[]): Json {
  if (Array.isArray(value)) {
    const { items } = schema;
    if (schema.type !== 'array' || items === undefined) return value;
    return value.map((item: Json, index) => prune(items, item, `${path}[${index}]`, unknown));
  }
  if (!isObject(value) || schema.type !== 'object' || isFree(schema)) return value;
  return pruneMembers(schema, value, path, unknown);
}

function pruneMembers(schema: Schema, value: JsonObject, path: string, unknown: string[]): Json {
  const kept: [string, Json][] = [];
  for (const [name, member] of Object.entries(value)) {
    const at = path === '' ? name : `${path}.${name}`;
    const known = memberSchema(schema, name);
    if (known === undefined) {
      unknown.push(at);
      continue;
    }
    kept.push([name, prune(known, member, at, unknown)]);
  }
  return Object.fromEntries(kept);
}

/** An object of which nothing is declared holds anything: FieldsV1 does. An empty list of properties declares none. */
function isFree({ properties, additionalProperties }: Schema): boolean {
  return properties === undefined && additionalProperties === undefined;
}
