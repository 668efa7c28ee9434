import { isObject, type Json, type JsonObject, objectIn, withField } from '../../json/json.ts';
import { type StatusError, tooLarge } from '../errors.ts';

/**
 * Objects, lists, and what is in them, of one object: to look at each of them takes some microseconds, and nobody else has
 * a turn meanwhile. An object with a large spec has some hundreds.
 */
export const MAX_VALUES = 5_000;

/** The same of the fields of all owners, which the server itself writes down. */
const MAX_OWNED = 2 * MAX_VALUES;

export function tooManyValues(max: number): StatusError {
  return tooLarge(`Request entity too large: limit is ${max} values`);
}

/** Throws a 413 when there is more in an object than may be. */
export function checkValues(object: JsonObject): void {
  const metadata = objectIn(object, 'metadata');
  const { managedFields = null } = metadata;
  const rest = { ...object, metadata: withField(metadata, 'managedFields', undefined) };
  if (countValues(rest, MAX_VALUES) > MAX_VALUES) throw tooManyValues(MAX_VALUES);
  if (countValues(managedFields, MAX_OWNED) > MAX_OWNED) throw tooManyValues(MAX_OWNED);
}

/** How many values there are in one, itself counted; it stops counting soon after `max`. */
export function countValues(value: Json, max: number): number {
  let count = 1;
  const members = Array.isArray(value) ? value : isObject(value) ? Object.values(value) : [];
  for (const member of members) {
    count += countValues(member as Json, max - count);
    if (count > max) break;
  }
  return count;
}
