import { isObject, type Json } from '../json/json.ts';
import { memberSchema, type Schema } from './schema.ts';

/** The value with the schema's defaults where nothing is said; a `null` says nothing where there is a default. */
export function withDefaults(schema: Schema, value: Json): Json {
  if (Array.isArray(value)) {
    const { items } = schema;
    return items === undefined ? value : value.map((item: Json) => withDefaults(items, item));
  }
  if (!isObject(value) || schema.type !== 'object') return value;
  const isDefaulted = (name: string) => memberSchema(schema, name)?.default !== undefined;
  const said = Object.entries(value).filter(
    ([name, member]) => member !== null || !isDefaulted(name),
  );
  const given = Object.fromEntries(said);
  const defaults = Object.entries(schema.properties ?? {}).flatMap(([name, member]) =>
    member.default === undefined || Object.hasOwn(given, name)
      ? []
      : [[name, member.default] as const],
  );
  return Object.fromEntries(
    [...said, ...defaults].map(([name, member]) => {
      const known = memberSchema(schema, name);
      return [name, known === undefined ? member : withDefaults(known, member)];
    }),
  );
}

/** The value without `null`s in its declared fields: a request that says null leaves the field out. */
export function withoutNulls(schema: Schema, value: Json): Json {
  if (Array.isArray(value)) {
    const { items } = schema;
    return items === undefined ? value : value.map((item: Json) => withoutNulls(items, item));
  }
  if (!isObject(value) || schema.type !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, member]) => {
      const known = memberSchema(schema, name);
      if (known === undefined) return [[name, member]];
      return member === null ? [] : [[name, withoutNulls(known, member)]];
    }),
  );
}
