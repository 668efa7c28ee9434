import type { KubeConfig } from '@kubernetes/client-node';
import type { Dispatcher } from 'undici';
import { splitLines } from '../limits/lines.ts';
import { type Clock, systemClock } from '../time/clock.ts';
import { Connections, type Purpose } from './connections.ts';
import { CredentialSource, type Credentials } from './credentials.ts';
import { Deadline } from './deadline.ts';
import { AnswerTooLargeError, errorFromResponse, type KubeApiError } from './errors.ts';
import { described, failure, type KubeRequest, urlOf } from './request.ts';

export interface KubeOptions {
  /** Who asks, in the audit log of the API server: `example/1.2.3`. */
  readonly userAgent: string;
  /** Milliseconds that a request may take, its whole answer included. Default 10,000. Watches have no such limit. */
  readonly timeoutMilliseconds?: number;
  /** Called once for each request. `code` is the HTTP status, or `<error>` when no answer came. */
  readonly onRequest?: (request: { method: string; code: string; host: string }) => void;
  readonly clock?: Clock;
}

export interface RequestOptions {
  /** Ends the request early, with a `KubeConnectionError`. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds; default: that of the client. */
  readonly timeoutMilliseconds?: number | undefined;
  /** Bytes of the answer at most: a longer one is left, with an `AnswerTooLargeError`. Default 256 MiB. */
  readonly maxBytes?: number | undefined;
}

/** The answer to a request. */
export interface Answer {
  readonly body: unknown;
  readonly bytes: number;
}

export interface StreamOptions {
  /** Bytes of a line at most. */
  readonly maxLineBytes: number;
  /** Milliseconds without a byte after which the stream counts as dead. */
  readonly silenceMilliseconds: number;
  /** The server took the request; lines may follow. */
  readonly onOpen?: (() => void) | undefined;
}

const DEFAULT_TIMEOUT = 10_000;

/** Bytes of an answer: half of the longest string that V8 can make. */
const DEFAULT_MAX_BYTES = 256 * 1024 * 1024;

/** Bytes of a refusal that are read: Status objects are short. */
const REFUSAL_BYTES = 1024 * 1024;

/** Milliseconds until a watch answers; under load the server takes its time. */
const OPEN_TIMEOUT = 30_000;

/** Sends requests to the API server over pooled connections. Fails with KubeApiError or KubeConnectionError only. */
export class Transport {
  readonly #options: KubeOptions;
  readonly #clock: Clock;
  readonly #credentials: CredentialSource;
  readonly #connections = new Connections();
  readonly #closing = new AbortController();

  constructor(config: KubeConfig, options: KubeOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#credentials = new CredentialSource(config);
  }

  /** The body of the answer. */
  async send(request: KubeRequest, options?: RequestOptions): Promise<unknown> {
    return (await this.ask(request, options)).body;
  }

  /** The answer with its length. */
  async ask(request: KubeRequest, options: RequestOptions = {}): Promise<Answer> {
    const limit =
      options.timeoutMilliseconds ?? this.#options.timeoutMilliseconds ?? DEFAULT_TIMEOUT;
    const expired = () => new Error(`No answer within ${limit} ms`);
    const deadline = new Deadline(this.#clock, limit, expired, options.signal);
    try {
      const { body } = await this.#open(request, 'request', deadline.signal);
      const bytes = await wholeOf(body, options.maxBytes ?? DEFAULT_MAX_BYTES, request);
      return { body: JSON.parse(bytes.toString()), bytes: bytes.length };
    } catch (error) {
      throw failure(error, request, deadline.signal);
    } finally {
      deadline.end();
    }
  }

  /** The lines of an answer that has no end of its own. Ends without an error when `signal` aborts. */
  async *stream(
    request: KubeRequest,
    { maxLineBytes, silenceMilliseconds, onOpen }: StreamOptions,
    signal: AbortSignal,
  ): AsyncGenerator<string> {
    let limit = OPEN_TIMEOUT;
    const expired = () => new Error(`No data was received for ${limit} ms`);
    const deadline = new Deadline(this.#clock, limit, expired, signal);
    try {
      const { body } = await this.#open(request, 'watch', deadline.signal);
      onOpen?.();
      limit = silenceMilliseconds;
      deadline.extend(limit);
      const reads = eachRead(body, () => deadline.extend(limit));
      yield* splitLines(reads, maxLineBytes);
    } catch (error) {
      if (signal.aborted) return;
      throw failure(error, request, deadline.signal);
    } finally {
      deadline.end();
    }
  }

  async close(): Promise<void> {
    this.#closing.abort(new Error('The client is closed'));
    await this.#connections.close();
  }

  /** Resolves once the server has agreed, with the body still to be read. */
  async #open(
    request: KubeRequest,
    purpose: Purpose,
    signal: AbortSignal,
  ): Promise<Dispatcher.ResponseData> {
    const credentials = await unlessAborted(this.#credentials.current(), signal);
    // After the wait, so that no request opens connections that are never closed.
    this.#closing.signal.throwIfAborted();
    const url = urlOf(credentials.server, request);
    let code = '<error>';
    try {
      const dispatcher = this.#connections.for(purpose, credentials.connection);
      const response = await dispatcher.request({
        ...this.#dispatchOptions(request, credentials),
        origin: url.origin,
        path: url.pathname + url.search,
        signal,
      });
      code = String(response.statusCode);
      if (response.statusCode >= 200 && response.statusCode < 300) return response;
      if (response.statusCode === 401) this.#credentials.forget();
      throw await refusal(response, request);
    } finally {
      this.#options.onRequest?.({ method: request.method, code, host: url.host });
    }
  }

  #dispatchOptions({ method, body, contentType }: KubeRequest, { headers }: Credentials) {
    return {
      method,
      headers: {
        ...headers,
        accept: 'application/json',
        'user-agent': this.#options.userAgent,
        ...(body === undefined ? {} : { 'content-type': contentType ?? 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      // The deadline of the caller bounds these.
      headersTimeout: 0,
      bodyTimeout: 0,
    };
  }
}

async function refusal(
  { statusCode, headers, body }: Dispatcher.ResponseData,
  request: KubeRequest,
): Promise<KubeApiError> {
  const retryAfter = [headers['retry-after']].flat()[0];
  const bytes = await wholeOf(body, REFUSAL_BYTES, request);
  return errorFromResponse(statusCode, bytes.toString(), retryAfter, described(request));
}

/** Leaves a body that is too long at once, so that no more of it is sent. */
async function wholeOf(
  body: AsyncIterable<Uint8Array>,
  maxBytes: number,
  request: KubeRequest,
): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > maxBytes) throw new AnswerTooLargeError(maxBytes, described(request));
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
}

async function* eachRead(
  body: AsyncIterable<Uint8Array>,
  onRead: () => void,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) {
    onRead();
    yield chunk;
  }
}

function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
