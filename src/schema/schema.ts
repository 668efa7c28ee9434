import { isObject, type Json, type JsonObject } from '../json/json.ts';

/** What a structural schema of a CRD says of a value; the same form describes the built-in kinds here. */
export interface Schema {
  readonly type: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean';
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly default?: Json;
  readonly enum?: readonly Json[];
  readonly format?: string;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly 'x-kubernetes-list-type'?: 'atomic' | 'set' | 'map';
  readonly 'x-kubernetes-list-map-keys'?: readonly string[];
  readonly 'x-kubernetes-map-type'?: 'atomic' | 'granular';
}

/** Format of a metav1.MicroTime. */
export const MICRO_TIME = 'micro-time';

/** The schema of a member, or undefined where none is declared. */
export function memberSchema(schema: Schema, name: string): Schema | undefined {
  // A name such as `constructor` must not find what every object has.
  const { properties } = schema;
  if (properties !== undefined && Object.hasOwn(properties, name)) return properties[name];
  return schema.additionalProperties;
}

/** The values of an item's key fields; a key that is not there is left out. */
export function keysOf(schema: Schema, item: Json): JsonObject {
  const names = schema['x-kubernetes-list-map-keys'] ?? [];
  const entries = names.flatMap((name): [string, Json][] => {
    const value = isObject(item) ? item[name] : undefined;
    return value === undefined ? [] : [[name, value]];
  });
  return Object.fromEntries(entries);
}
