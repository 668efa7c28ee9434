import { shortened } from './shortened.ts';

/** One thing that is wrong with an object, in the words of k8s.io/apimachinery's field errors. */
export interface FieldError {
  readonly field: string;
  readonly reason:
    | 'FieldValueInvalid'
    | 'FieldValueRequired'
    | 'FieldValueNotSupported'
    | 'FieldValueForbidden'
    | 'FieldValueTypeInvalid'
    | 'FieldValueTooLong'
    | 'FieldValueTooMany'
    | 'FieldValueDuplicate';
  readonly message: string;
}

export function required(field: string, detail = ''): FieldError {
  const message = detail === '' ? 'Required value' : `Required value: ${detail}`;
  return { field, reason: 'FieldValueRequired', message };
}

export function invalidValue(field: string, value: unknown, detail: string): FieldError {
  const message = `Invalid value: ${asTold(value)}: ${detail}`;
  return { field, reason: 'FieldValueInvalid', message };
}

export function wrongType(field: string, value: unknown, detail: string): FieldError {
  return { ...invalidValue(field, value, detail), reason: 'FieldValueTypeInvalid' };
}

export function notSupported(
  field: string,
  value: unknown,
  supported: readonly unknown[],
): FieldError {
  const values = supported.map((item) => JSON.stringify(item)).join(', ');
  const message = `Unsupported value: ${asTold(value)}: supported values: ${values}`;
  return { field, reason: 'FieldValueNotSupported', message };
}

export function forbidden(field: string, detail: string): FieldError {
  return { field, reason: 'FieldValueForbidden', message: `Forbidden: ${detail}` };
}

export function tooLong(field: string, maxBytes: number): FieldError {
  const message = `Too long: may not be more than ${maxBytes} bytes`;
  return { field, reason: 'FieldValueTooLong', message };
}

export function tooMany(field: string, count: number, max: number): FieldError {
  const message = `Too many: ${count}: must have at most ${max} items`;
  return { field, reason: 'FieldValueTooMany', message };
}

export function duplicate(field: string, value: unknown): FieldError {
  const message = `Duplicate value: ${asTold(value)}`;
  return { field, reason: 'FieldValueDuplicate', message };
}

const RULES = new WeakSet<FieldError>();

/**
 * A rule of CEL does not hold.
 *
 * @param type of the value, which stands in its place
 */
export function brokenRule(field: string, type: string, message: string): FieldError {
  const error = invalidValue(field === '' ? ROOT : field, type, message);
  RULES.add(error);
  return error;
}

export function isRule(error: FieldError): boolean {
  return RULES.has(error);
}

const ROOT = '<nil>';

/** Said after errors that keep the rules over several fields from being checked. */
export const UNCHECKED = invalidValue(
  ROOT,
  null,
  'some validation rules were not checked because the object was invalid; correct the existing errors to complete validation',
);

/** Whether the rules over several fields cannot be checked after such an error. */
export function blocksRules({ reason }: FieldError): boolean {
  return !['FieldValueInvalid', 'FieldValueDuplicate', 'FieldValueForbidden'].includes(reason);
}

/** A value as JSON, for a message: megabytes of it would help nobody. */
function asTold(value: unknown): string {
  return JSON.stringify(typeof value === 'string' ? shortened(value) : value);
}
