interface Bucket {
  readonly tokens: number;
  readonly at: number;
}

/** Addresses of strangers whose rate is remembered: one that is forgotten has a full burst again. */
export const MAX_ADDRESSES = 1_024;

/** A token bucket for each key. Remembers so many keys at most; one that was forgotten has a full bucket again. */
export class TokenBuckets {
  readonly #burst: number;
  readonly #refillMilliseconds: number;
  readonly #maxKeys: number;
  readonly #buckets = new Map<string, Bucket>();

  /** @param refillMilliseconds for one token */
  constructor(burst: number, refillMilliseconds: number, maxKeys: number) {
    this.#burst = burst;
    this.#refillMilliseconds = refillMilliseconds;
    this.#maxKeys = maxKeys;
  }

  /**
   * Takes a token. False when the bucket of the key is empty.
   *
   * @param now monotonic milliseconds
   */
  take(key: string, now: number): boolean {
    return this.reserve(key, now, 0) !== undefined;
  }

  /**
   * Takes a token, in advance if the bucket is empty.
   *
   * @param now monotonic milliseconds
   * @param longest milliseconds to wait for the token; one that takes longer is not taken
   * @returns milliseconds until the token may be used; undefined when that is too long
   */
  reserve(key: string, now: number, longest: number): number | undefined {
    const { tokens, at } = this.#buckets.get(key) ?? { tokens: this.#burst, at: now };
    const filled = Math.min(this.#burst, tokens + (now - at) / this.#refillMilliseconds);
    const wait = Math.max(0, (1 - filled) * this.#refillMilliseconds);
    const isTaken = wait <= longest;
    // Inserted again, so that the first key of the map is the one that was used least recently.
    this.#buckets.delete(key);
    this.#buckets.set(key, { tokens: isTaken ? filled - 1 : filled, at: now });
    if (this.#buckets.size > this.#maxKeys) {
      const [oldest] = this.#buckets.keys();
      if (oldest !== undefined) this.#buckets.delete(oldest);
    }
    return isTaken ? wait : undefined;
  }
}
