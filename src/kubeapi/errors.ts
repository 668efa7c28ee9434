import type { JsonObject } from '../json/json.ts';
import type { FieldError } from '../schema/fieldError.ts';
import { shortened } from '../schema/shortened.ts';

interface Cause {
  readonly reason: string;
  readonly message?: string;
  readonly field?: string;
}

/** Group and name of a resource or kind, as messages put them. */
export interface Named {
  readonly group: string;
  /** Plural or kind. */
  readonly word: string;
}

interface Details {
  readonly name?: string;
  readonly group?: string;
  readonly kind?: string;
  readonly uid?: string;
  readonly causes?: readonly Cause[];
  readonly retryAfterSeconds?: number;
}

/** An answer that is no: becomes a metav1.Status. Reasons and wording are those of a real API server. */
export class StatusError extends Error {
  override readonly name = 'StatusError';
  readonly code: number;
  readonly reason: string;
  readonly details: Details | undefined;

  constructor(code: number, reason: string, message: string, details?: Details) {
    super(message);
    this.code = code;
    this.reason = reason;
    this.details = details;
  }

  toStatus(): JsonObject {
    const { name, group, kind, uid, causes, retryAfterSeconds } = this.details ?? {};
    return {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: this.message,
      ...(this.reason === '' ? {} : { reason: this.reason }),
      ...(this.details === undefined
        ? {}
        : {
            details: {
              ...(name ? { name } : {}),
              ...(group ? { group } : {}),
              ...(kind ? { kind } : {}),
              ...(uid ? { uid } : {}),
              ...(causes?.length ? { causes: causes.map((cause) => ({ ...cause })) } : {}),
              ...(retryAfterSeconds ? { retryAfterSeconds } : {}),
            },
          }),
      code: this.code,
    };
  }
}

/** `widgets.example.com`, or `events` in the core group. */
export function qualified({ group, word }: Named): string {
  return group === '' ? word : `${word}.${group}`;
}

function about({ group, word }: Named, name: string): Details {
  return { name, group, kind: word };
}

export function badRequest(message: string): StatusError {
  return new StatusError(400, 'BadRequest', message);
}

export function notFound(resource: Named, name: string): StatusError {
  const message = `${qualified(resource)} "${name}" not found`;
  return new StatusError(404, 'NotFound', message, about(resource, name));
}

/** For paths that lead nowhere. @param advice after the words of a real API server */
export function noSuchResource(advice = ''): StatusError {
  const message = `the server could not find the requested resource${advice}`;
  return new StatusError(404, 'NotFound', message, {});
}

export function alreadyExists(resource: Named, name: string, before = ''): StatusError {
  const message = `${before}${qualified(resource)} "${name}" already exists`;
  return new StatusError(409, 'AlreadyExists', message, about(resource, name));
}

export function conflict(resource: Named, name: string, why: string): StatusError {
  const message = `Operation cannot be fulfilled on ${qualified(resource)} "${name}": ${why}`;
  return new StatusError(409, 'Conflict', message, about(resource, name));
}

export interface Exceeded {
  /** What there would be too much of. */
  readonly what: string;
  readonly requested: number;
  readonly used: number;
  readonly limited: number;
}

/** As if a ResourceQuota of the name `built-in` were there. */
export function exceededQuota(
  resource: Named,
  name: string,
  { what, requested, used, limited }: Exceeded,
): StatusError {
  const message =
    `${qualified(resource)} "${name}" is forbidden: exceeded quota: built-in, ` +
    `requested: ${what}=${requested}, used: ${what}=${used}, limited: ${what}=${limited}`;
  return new StatusError(403, 'Forbidden', message, about(resource, name));
}

export const MODIFIED =
  'the object has been modified; please apply your changes to the latest version and try again';

export function invalid(kind: Named, name: string, errors: readonly FieldError[]): StatusError {
  const texts = [...new Set(errors.map(({ field, message }) => `${field}: ${message}`))];
  const all = texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`;
  const told = shortened(name);
  return new StatusError(422, 'Invalid', `${qualified(kind)} "${told}" is invalid: ${all}`, {
    ...about(kind, told),
    causes: errors.map(({ reason, message, field }) => ({ reason, message, field })),
  });
}

export function methodNotAllowed(resource: Named, verb: string): StatusError {
  const message = `${verb} is not supported on resources of kind "${qualified(resource)}"`;
  const { group, word } = resource;
  return new StatusError(405, 'MethodNotAllowed', message, { group, kind: word });
}

/** @param advice what to do, after the words of a real API server */
export function unsupportedMediaType(accepted: readonly string[], advice = ''): StatusError {
  const types = accepted.join(', ');
  return new StatusError(
    415,
    'UnsupportedMediaType',
    `the body of the request was in an unknown format - accepted media types include: ${types}${advice}`,
  );
}

export function notAcceptable(accepted: readonly string[]): StatusError {
  return new StatusError(
    406,
    'NotAcceptable',
    `only the following media types are accepted: ${accepted.join(', ')}`,
  );
}

export function tooLarge(message: string): StatusError {
  return new StatusError(413, 'RequestEntityTooLarge', message);
}

export function tooManyRequests(message: string): StatusError {
  return new StatusError(429, 'TooManyRequests', message, { retryAfterSeconds: 1 });
}

export function expired(message: string): StatusError {
  return new StatusError(410, 'Expired', message);
}

/** The client asks for a version that has not been yet. */
export function versionTooLarge(asked: string, current: number): StatusError {
  return new StatusError(
    504,
    'Timeout',
    `Timeout: Too large resource version: ${asked}, current: ${current}`,
    {
      causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
      retryAfterSeconds: 1,
    },
  );
}

/** The server itself failed, or a real one gives the error no reason either. */
export function internal(message: string): StatusError {
  return new StatusError(500, '', message);
}
