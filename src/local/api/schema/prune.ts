import { isObject, type Json, type JsonObject } from '../json.ts';
import { memberSchema, type Schema } from './schema.ts';

export interface Pruned {
  readonly value: Json;
  /** Paths of the fields that the schema does not know, such as `spec.toClient.delai`. */
  readonly unknown: readonly string[];
}

/** The value with the schema's fields alone. What has the wrong type is left for validation to speak of. */
export function pruneUnknown(schema: Schema, value: Json, path = ''): Pruned {
  if (Array.isArray(value)) {
    const { items } = schema;
    if (schema.type !== 'array' || items === undefined) return { value, unknown: [] };
    const parts = value.map((item: Json, index) => pruneUnknown(items, item, `${path}[${index}]`));
    return {
      value: parts.map((part) => part.value),
      unknown: parts.flatMap(({ unknown }) => unknown),
    };
  }
  if (!isObject(value) || schema.type !== 'object' || isFree(schema)) return { value, unknown: [] };
  return pruneMembers(schema, value, path);
}

function pruneMembers(schema: Schema, value: JsonObject, path: string): Pruned {
  const kept: [string, Json][] = [];
  const unknown: string[] = [];
  for (const [name, member] of Object.entries(value)) {
    const at = path === '' ? name : `${path}.${name}`;
    const known = memberSchema(schema, name);
    if (known === undefined) {
      unknown.push(at);
      continue;
    }
    const pruned = pruneUnknown(known, member, at);
    kept.push([name, pruned.value]);
    unknown.push(...pruned.unknown);
  }
  return { value: Object.fromEntries(kept), unknown };
}

/** An object of which nothing is declared holds anything: FieldsV1 does. An empty list of properties declares none. */
function isFree({ properties, additionalProperties }: Schema): boolean {
  return properties === undefined && additionalProperties === undefined;
}
