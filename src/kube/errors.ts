/** Longest message kept of an answer, in characters. An HTML error page of a load balancer belongs in no log. */
const MESSAGE_LIMIT = 1024;

/** Longest wait taken over from a Retry-After, in seconds. */
const RETRY_AFTER_LIMIT_SECONDS = 300;

/** Causes kept of an answer. */
const CAUSES_LIMIT = 64;

/** What the server has against one field of an object. */
export interface FieldCause {
  /** Path of the field, such as `spec.upstream.port`; empty when it is about none. */
  readonly field: string;
  readonly message: string;
}

interface ApiFailure {
  readonly status: number;
  readonly reason: string;
  readonly message: string;
  readonly causes?: readonly FieldCause[];
  readonly retryAfterSeconds?: number | undefined;
  readonly request: string;
}

/** The API server answered, and the answer is no. */
export class KubeApiError extends Error {
  override readonly name = 'KubeApiError';
  /** HTTP status code, or the code of a Status object inside a watch. */
  readonly status: number;
  /** Machine-readable reason of the Status object, such as `NotFound`; empty when the answer was no Status. */
  readonly reason: string;
  /** What is wrong with which field, of an object that was refused. */
  readonly causes: readonly FieldCause[];
  /** When to come back, in seconds, where the server says so (0 to 300). */
  readonly retryAfterSeconds: number | undefined;
  /** Method and path, for logs: `PATCH /apis/apps/v1/...`. */
  readonly request: string;

  constructor({ status, reason, message, causes = [], retryAfterSeconds, request }: ApiFailure) {
    super(shortened(message));
    this.status = status;
    this.reason = reason.slice(0, MESSAGE_LIMIT);
    this.causes = causes;
    this.retryAfterSeconds = retryAfterSeconds;
    this.request = request;
  }
}

/** No answer came: the server could not be reached, the connection broke, the time was up, or the answer was no JSON. */
export class KubeConnectionError extends Error {
  override readonly name: string = 'KubeConnectionError';
  /** Method and path, for logs. */
  readonly request: string;

  constructor(message: string, request: string, cause?: unknown) {
    super(message, { cause });
    this.request = request;
  }
}

/** The answer was longer than the caller accepts, and was not read. */
export class AnswerTooLargeError extends KubeConnectionError {
  override readonly name = 'AnswerTooLargeError';

  constructor(maxBytes: number, request: string) {
    super(`The answer is longer than ${maxBytes} bytes`, request);
  }
}

/** The object is not there (404). */
export const isNotFound = (error: unknown): error is KubeApiError => hasStatus(error, 404);

/** The client lacks permission (403). */
export const isForbidden = (error: unknown): error is KubeApiError => hasStatus(error, 403);

/** The object exists already (409 AlreadyExists). */
export const isAlreadyExists = (error: unknown): error is KubeApiError =>
  hasStatus(error, 409) && error.reason === 'AlreadyExists';

/** Somebody else changed it, a precondition failed, or another manager owns a field (409, but not AlreadyExists). */
export const isConflict = (error: unknown): error is KubeApiError =>
  hasStatus(error, 409) && error.reason !== 'AlreadyExists';

/** The object would break a rule of its kind (422). */
export const isInvalid = (error: unknown): error is KubeApiError => hasStatus(error, 422);

/** A `test` of a JSON patch did not hold: 422 as for an object that is invalid, but for no field. */
export const isPatchTestFailed = (error: unknown): error is KubeApiError =>
  hasStatus(error, 422) && error.causes.length === 0;

/** The resource version or continue token is too old: list again (410). */
export const isGone = (error: unknown): error is KubeApiError => hasStatus(error, 410);

/** How long the server asks to stay away, in milliseconds; 0 when it does not. */
export const retryAfterMilliseconds = (error: unknown): number =>
  error instanceof KubeApiError ? (error.retryAfterSeconds ?? 0) * 1000 : 0;

/** Whatever was thrown, as an Error. */
export const asError = (thrown: unknown): Error =>
  thrown instanceof Error ? thrown : new Error(String(thrown), { cause: thrown });

function hasStatus(error: unknown, status: number): error is KubeApiError {
  return error instanceof KubeApiError && error.status === status;
}

/** Reads the body of a failed answer, a Status object of metav1 or anything else, into an error. */
export function errorFromResponse(
  status: number,
  body: string,
  retryAfter: string | undefined,
  request: string,
): KubeApiError {
  const parsed = statusObject(parseJson(body));
  return new KubeApiError({
    status,
    reason: parsed?.reason ?? '',
    message: parsed?.message ?? `The API server answered HTTP ${status}`,
    causes: parsed?.causes ?? [],
    retryAfterSeconds: retryAfterSeconds(retryAfter) ?? retryAfterSeconds(parsed?.retryAfter),
    request,
  });
}

/** Reads the object of an ERROR event of a watch into an error. */
export function errorFromWatch(object: unknown, request: string): KubeApiError {
  const parsed = statusObject(object);
  return new KubeApiError({
    status: parsed?.code ?? 500,
    reason: parsed?.reason ?? '',
    message: parsed?.message ?? 'The watch ended with an error that is no Status',
    retryAfterSeconds: retryAfterSeconds(parsed?.retryAfter),
    request,
  });
}

interface StatusObject {
  readonly code: number | undefined;
  readonly reason: string | undefined;
  readonly message: string | undefined;
  readonly causes: readonly FieldCause[];
  readonly retryAfter: unknown;
}

function statusObject(value: unknown): StatusObject | undefined {
  if (!isRecord(value) || value.kind !== 'Status') return undefined;
  return {
    code: typeof value.code === 'number' ? value.code : undefined,
    reason: typeof value.reason === 'string' ? value.reason : undefined,
    message: typeof value.message === 'string' && value.message !== '' ? value.message : undefined,
    causes: isRecord(value.details) ? fieldCauses(value.details.causes) : [],
    retryAfter: isRecord(value.details) ? value.details.retryAfterSeconds : undefined,
  };
}

function fieldCauses(causes: unknown): FieldCause[] {
  if (!Array.isArray(causes)) return [];
  return causes
    .slice(0, CAUSES_LIMIT)
    .filter(isRecord)
    .map(({ field, message }) => ({
      field: typeof field === 'string' ? field.slice(0, MESSAGE_LIMIT) : '',
      message: typeof message === 'string' ? shortened(message) : '',
    }));
}

/** Both ends are kept: a server may put the whole object first, and what is wrong with it last. */
function shortened(text: string): string {
  if (text.length <= MESSAGE_LIMIT) return text;
  const half = MESSAGE_LIMIT / 2;
  return `${text.slice(0, half - 1)}…${text.slice(-half)}`;
}

// The date form of RFC 9110 section 10.2.3 is left out: the API server only ever sends seconds.
function retryAfterSeconds(value: unknown): number | undefined {
  const seconds = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
  if (typeof seconds !== 'number' || seconds < 0) return undefined;
  return Math.min(seconds, RETRY_AFTER_LIMIT_SECONDS);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
