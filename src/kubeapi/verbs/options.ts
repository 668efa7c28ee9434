import {
  type FieldError,
  forbidden,
  invalidValue,
  notSupported,
  required,
  tooLong,
} from '../../schema/fieldError.ts';
import { badRequest, invalid, type StatusError } from '../errors.ts';

export type FieldValidation = 'Ignore' | 'Warn' | 'Strict';

/** What the query of a writing request says. */
export interface WriteOptions {
  readonly dryRun: boolean;
  /** Who owns the fields that change. */
  readonly manager: string;
  readonly fieldValidation: FieldValidation;
  readonly force: boolean;
}

const VALIDATIONS = ['', 'Ignore', 'Strict', 'Warn'];

/** Reads the options of a POST, PUT or PATCH. Throws a 422 that names what is wrong. */
export function writeOptions(
  what: 'Create' | 'Update' | 'Patch',
  query: URLSearchParams,
  { userAgent, isApply = false }: { userAgent: string; isApply?: boolean },
): WriteOptions {
  const dryRun = query.getAll('dryRun').filter((value) => value !== '');
  const fieldManager = query.get('fieldManager') ?? '';
  const fieldValidation = query.get('fieldValidation') ?? '';
  const force = flag(query, 'force');
  const errors = [
    ...dryRunErrors(dryRun),
    ...managerErrors(fieldManager),
    ...(VALIDATIONS.includes(fieldValidation)
      ? []
      : [notSupported('fieldValidation', fieldValidation, VALIDATIONS)]),
  ];
  if (what === 'Patch' && isApply && fieldManager === '') {
    errors.push(required('fieldManager', 'is required for apply patch'));
  }
  if (what === 'Patch' && !isApply && query.has('force')) {
    errors.push(forbidden('force', 'may not be specified for non-apply patch'));
  }
  if (errors.length > 0) throw invalidOptions(`${what}Options`, errors);
  return {
    dryRun: dryRun.length > 0,
    manager: fieldManager === '' ? managerOf(userAgent) : fieldManager,
    fieldValidation: (fieldValidation || 'Warn') as FieldValidation,
    force,
  };
}

export function invalidOptions(kind: string, errors: readonly FieldError[]): StatusError {
  return invalid({ group: 'meta.k8s.io', word: kind }, '', errors);
}

export function dryRunErrors(dryRun: readonly string[]): FieldError[] {
  return dryRun.every((value) => value === 'All') ? [] : [notSupported('dryRun', dryRun, ['All'])];
}

function managerErrors(manager: string): FieldError[] {
  if (Buffer.byteLength(manager) > 128) return [tooLong('fieldManager', 128)];
  // Go's unicode.IsPrint: letters, marks, numbers, punctuation, symbols and the plain space.
  return /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]*$/u.test(manager)
    ? []
    : [invalidValue('fieldManager', manager, 'should only contain printable characters')];
}

/** The program in a user agent: what comes before the first slash. */
function managerOf(userAgent: string): string {
  return userAgent.split('/')[0]?.slice(0, 128) || 'unknown';
}

/** A boolean of the query, in the way of apimachinery's conversion: `?force` alone is true. */
export function flag(query: URLSearchParams, name: string): boolean {
  const value = query.get(name);
  return value !== null && !['false', '0'].includes(value.toLowerCase());
}

/** A whole number of the query; undefined where nothing is said. Throws a 400. */
export function wholeNumber(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name) ?? '';
  if (text === '') return undefined;
  if (!/^[+-]?\d+$/.test(text) || !Number.isSafeInteger(Number(text))) {
    throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
  }
  return Number(text);
}
