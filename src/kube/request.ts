import { AnswerTooLargeError, KubeApiError, KubeConnectionError } from './errors.ts';

export interface KubeRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly body?: object;
  /** Default: `application/json`. */
  readonly contentType?: string;
}

/** @param server URL of the API server; a path of its own is kept */
export function urlOf(server: string, { path, query = {} }: KubeRequest): URL {
  const url = new URL(server);
  url.pathname = url.pathname.replace(/\/$/, '') + path;
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  return url;
}

/** Method and path, for logs. */
export function described({ method, path }: KubeRequest): string {
  return `${method} ${path}`;
}

/** What a request that failed rejects with, whatever was thrown. */
export function failure(error: unknown, request: KubeRequest, signal: AbortSignal): Error {
  if (error instanceof KubeApiError || error instanceof AnswerTooLargeError) return error;
  const cause = signal.aborted ? signal.reason : error;
  return new KubeConnectionError(messageOf(cause), described(request), cause);
}

function messageOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  // The error for a host of which no address answered has a code and no message.
  return cause.message || ('code' in cause ? String(cause.code) : cause.name);
}
