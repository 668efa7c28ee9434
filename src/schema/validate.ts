import { isDeepStrictEqual } from 'node:util';
import { isObject, type Json, type JsonObject, sortKeys } from '../json/json.ts';
import {
  duplicate,
  type FieldError,
  invalidValue,
  notSupported,
  required,
  tooLong,
  tooMany,
  wrongType,
} from './fieldError.ts';
import { keysOf, memberSchema, type Schema } from './schema.ts';

/** Where a value stands: as errors name it, and as their texts do ("... in body should be ..."). */
interface Place {
  readonly field: string;
  readonly body: string;
}

/** What is wrong with a value by its schema, in the words of a real API server. */
export function validate(schema: Schema, value: Json, field: string, body = field): FieldError[] {
  const place = { field, body };
  const type = typeOf(value);
  const fits = type === schema.type || (type === 'integer' && schema.type === 'number');
  const errors = fits
    ? validateTyped(schema, value, place)
    : [wrongType(field, type, `${body} in body must be of type ${schema.type}: "${type}"`)];
  const { enum: values } = schema;
  if (values?.every((known) => !isDeepStrictEqual(known, value))) {
    errors.push(notSupported(field, value, values));
  }
  return errors;
}

function validateTyped(schema: Schema, value: Json, place: Place): FieldError[] {
  if (typeof value === 'string') return validateText(schema, value, place);
  if (typeof value === 'number') return validateNumber(schema, value, place);
  if (Array.isArray(value)) return validateList(schema, value, place);
  return isObject(value) ? validateObject(schema, value, place) : [];
}

function validateText(schema: Schema, value: string, { field, body }: Place): FieldError[] {
  const { maxLength, minLength, pattern, format } = schema;
  const errors: FieldError[] = [];
  const length = characters(value, maxLength ?? 0);
  if (maxLength !== undefined && length > maxLength) errors.push(tooLong(field, maxLength));
  if (minLength !== undefined && length < minLength) {
    errors.push(
      invalidValue(field, value, `${body} in body should be at least ${minLength} chars long`),
    );
  }
  if (pattern !== undefined && errors.length === 0 && !compiled(pattern).test(value)) {
    errors.push(invalidValue(field, value, `${body} in body should match '${pattern}'`));
  }
  if (format === 'date-time' && !isTime(value)) {
    errors.push(wrongType(field, value, `${body} in body must be of type date-time: "${value}"`));
  }
  return errors;
}

/** Lengths are counted in characters, as Go's utf8.RuneCountInString does; a text that is surely longer is not. */
function characters(text: string, max: number): number {
  return text.length > 2 * max ? text.length : Array.from(text).length;
}

const patterns = new Map<string, RegExp>();

/** The patterns are those of the schemas: there are few. */
function compiled(pattern: string): RegExp {
  const known = patterns.get(pattern) ?? new RegExp(pattern);
  patterns.set(pattern, known);
  return known;
}

function validateNumber(schema: Schema, value: number, { field, body }: Place): FieldError[] {
  const { minimum, maximum } = schema;
  if (maximum !== undefined && value > maximum) {
    return [
      invalidValue(field, value, `${body} in body should be less than or equal to ${maximum}`),
    ];
  }
  if (minimum !== undefined && value < minimum) {
    return [
      invalidValue(field, value, `${body} in body should be greater than or equal to ${minimum}`),
    ];
  }
  return [];
}

function validateList(
  schema: Schema,
  value: readonly Json[],
  { field, body }: Place,
): FieldError[] {
  const { items, minItems, maxItems } = schema;
  const errors: FieldError[] = [];
  if (minItems !== undefined && value.length < minItems) {
    errors.push(
      invalidValue(field, value.length, `${body} in body should have at least ${minItems} items`),
    );
  }
  if (maxItems !== undefined && value.length > maxItems) {
    return [tooMany(field, value.length, maxItems)];
  }
  if (items !== undefined) {
    for (const [index, item] of value.entries()) {
      errors.push(...validate(items, item, `${field}[${index}]`, `${body}[${index}]`));
    }
  }
  return [...errors, ...duplicates(schema, value, field)];
}

function duplicates(schema: Schema, value: readonly Json[], field: string): FieldError[] {
  const type = schema['x-kubernetes-list-type'];
  if (type !== 'map' && type !== 'set') return [];
  const seen = new Set<string>();
  return value.flatMap((item, index) => {
    const key = type === 'map' ? keysOf(schema, item) : item;
    const text = JSON.stringify(sortKeys(key));
    const isRepeated = seen.has(text);
    seen.add(text);
    return isRepeated ? [duplicate(`${field}[${index}]`, key)] : [];
  });
}

function validateObject(schema: Schema, value: JsonObject, { field, body }: Place): FieldError[] {
  const at = (path: string, name: string) => (path === '' ? name : `${path}.${name}`);
  const missing = (schema.required ?? [])
    .filter((name) => !Object.hasOwn(value, name))
    .map((name) => required(at(field, name)));
  const members = Object.entries(value).flatMap(([name, member]) => {
    const known = memberSchema(schema, name);
    return known === undefined ? [] : validate(known, member, at(field, name), at(body, name));
  });
  return [...missing, ...members];
}

function typeOf(value: Json): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}

/** RFC 3339, section 5.6. */
export function isTime(value: string): boolean {
  const form = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;
  return form.test(value) && !Number.isNaN(Date.parse(value));
}
