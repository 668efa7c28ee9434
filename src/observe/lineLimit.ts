import { TokenBuckets } from '../limits/tokenBuckets.ts';

const BURST = 200;

/** Milliseconds for one more line of a message. */
const INTERVAL = 20;

/** Messages are constant, so there are few. */
const MAX_MESSAGES = 1_024;

/** How many log lines of each message may be written, and how many were not. */
export class LineLimit {
  readonly #buckets = new TokenBuckets(BURST, INTERVAL, MAX_MESSAGES);
  #omitted = new Map<string, number>();

  /** @param now monotonic milliseconds */
  admit(message: string, now: number): boolean {
    return this.#buckets.take(message, now);
  }

  omit(message: string): void {
    this.#omitted.set(message, (this.#omitted.get(message) ?? 0) + 1);
  }

  /** Counts of the lines that were left out since the last time, by message. */
  takeOmitted(): ReadonlyMap<string, number> {
    const omitted = this.#omitted;
    this.#omitted = new Map();
    return omitted;
  }
}
