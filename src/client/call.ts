import { text } from './text.ts';

export interface CallOptions {
  /** Milliseconds that the call may take. Default: that of `connect`. */
  readonly timeout?: number | undefined;
  /** Ends the wait: the call rejects with the reason of the signal. What the server has taken stays. */
  readonly signal?: AbortSignal | undefined;
}

/** Milliseconds that one request may take. */
const LONGEST_REQUEST = 10_000;

/** A call with its time running. */
export class Call {
  readonly timeout: number;
  readonly signal: AbortSignal | undefined;
  readonly #start = performance.now();

  constructor({ timeout, signal }: CallOptions, defaultTimeout: number) {
    this.timeout = timeout ?? defaultTimeout;
    this.signal = signal;
    if (!(typeof this.timeout === 'number' && this.timeout > 0)) {
      throw new TypeError(
        `timeout must be a positive number of milliseconds, not ${text(timeout)}`,
      );
    }
    if (signal !== undefined && !isSignal(signal)) {
      throw new TypeError(`signal must be an AbortSignal, not ${text(signal)}`);
    }
  }

  /** Milliseconds; at least one, so that a result that is already there is still used. */
  get left(): number {
    return Math.max(1, this.timeout - (performance.now() - this.#start));
  }

  /** Options of a request. Fields that the server does not know are refused. */
  get request() {
    const timeoutMilliseconds = Math.min(this.left, LONGEST_REQUEST);
    return { strict: true, signal: this.signal, timeoutMilliseconds };
  }
}

/** One of another realm is one, too: test runners have their own globals. */
function isSignal(value: unknown): boolean {
  return (
    typeof value === 'object' && value !== null && 'aborted' in value && 'throwIfAborted' in value
  );
}
