import { z } from 'zod';
import type { CallOptions } from './call.ts';
import { nearest } from './nearest.ts';
import { text } from './text.ts';

/** Aliases of options, with the names that they stand for. */
type Aliases = Readonly<Record<string, string>>;

/** Every option that a call has besides those of every call. */
type Own<T> = { readonly [K in Exclude<keyof T, keyof CallOptions>]-?: true };

const OF_EVERY_CALL = ['timeout', 'signal'];

/** The options of a call. Throws a TypeError for one that it does not know. */
export function readOptions<T extends CallOptions>(call: string, given: T, own: Own<T>): T {
  return readFields(`${call} has no option`, call, given, [...Object.keys(own), ...OF_EVERY_CALL]);
}

/**
 * The fields that were given, under their own names.
 *
 * @param refusal how the sentence begins that refuses an unknown field
 * @param owner what has the fields
 */
export function readFields<T extends object>(
  refusal: string,
  owner: string,
  given: T,
  names: readonly string[],
  aliases: Aliases = {},
): T {
  if (!isObject(given)) {
    throw new TypeError(
      `${owner} takes its options as an object, not ${text(given)}: ${listed(names)}`,
    );
  }
  const fields: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(given)) {
    const own = Object.hasOwn(aliases, name) ? aliases[name] : name;
    if (own === undefined || !names.includes(own)) {
      throw new TypeError(unknown(refusal, name, [...Object.keys(aliases), ...names]));
    }
    if (fields[own] !== undefined && value !== undefined) {
      throw new TypeError(`${owner} got ${own} twice, under two names: omit one of them`);
    }
    if (value !== undefined || !(own in fields)) fields[own] = value;
  }
  return fields as T;
}

/** Throws a TypeError for a field that the schema does not have, however deep. Values are for the server to judge. */
export function refuseUnknown(owner: string, schema: z.ZodType, given: unknown): void {
  const inner = unwrapped(schema);
  if (inner instanceof z.ZodArray && Array.isArray(given)) {
    for (const [index, item] of given.entries()) {
      refuseUnknown(`${owner}[${index}]`, inner.element as z.ZodType, item);
    }
  }
  if (!(inner instanceof z.ZodObject) || !isObject(given)) return;
  const fields: Record<string, z.ZodType> = inner.shape;
  for (const [name, value] of Object.entries(given)) {
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (field === undefined) {
      throw new TypeError(unknown(`${owner} has no field`, name, Object.keys(fields)));
    }
    refuseUnknown(`${owner}.${name}`, field, value);
  }
}

/** The same for a whole argument, which has to be an object. */
export function checkArgument(owner: string, schema: z.ZodType, given: unknown): void {
  if (!isObject(given)) throw new TypeError(`${owner} must be an object, not ${text(given)}`);
  refuseUnknown(owner, schema, given);
}

function unwrapped(schema: z.ZodType): z.ZodType {
  const isWrapped =
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault;
  return isWrapped ? unwrapped(schema.unwrap() as z.ZodType) : schema;
}

function unknown(refusal: string, name: string, names: readonly string[]): string {
  const meant = nearest(name, names);
  const guess = meant === undefined ? '.' : `. Did you mean ${meant}?`;
  return `${refusal} ${JSON.stringify(name)}${guess} ${listed(names)}`;
}

function listed(names: readonly string[]): string {
  return names.length === 0 ? 'It takes none' : `It takes ${names.join(', ')}`;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
