import type { Clock } from '../time/clock.ts';

/**
 * A signal that aborts when its time is up or when a parent aborts. Unlike AbortSignal.any with AbortSignal.timeout it
 * can be extended, runs on the given clock, and leaves neither timer nor listener behind once `end` was called.
 */
export class Deadline {
  readonly #clock: Clock;
  readonly #expired: () => Error;
  readonly #parent: AbortSignal | undefined;
  readonly #controller = new AbortController();
  readonly #onParentAbort = () => this.#abort(this.#parent?.reason);
  #cancelTimer: () => void;

  /**
   * @param milliseconds time until the signal aborts, counted from now
   * @param expired makes the reason of the abort when the time is up; a parent's abort hands its own reason on
   */
  constructor(clock: Clock, milliseconds: number, expired: () => Error, parent?: AbortSignal) {
    this.#clock = clock;
    this.#expired = expired;
    this.#parent = parent;
    this.#cancelTimer = this.#arm(milliseconds);
    if (parent?.aborted) this.#abort(parent.reason);
    else parent?.addEventListener('abort', this.#onParentAbort, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Moves the end to `milliseconds` from now. Does nothing once the signal has aborted. */
  extend(milliseconds: number): void {
    if (this.#controller.signal.aborted) return;
    this.#cancelTimer();
    this.#cancelTimer = this.#arm(milliseconds);
  }

  /** Releases timer and parent; the signal will no longer abort. */
  end(): void {
    this.#cancelTimer();
    this.#parent?.removeEventListener('abort', this.#onParentAbort);
  }

  #arm(milliseconds: number): () => void {
    return this.#clock.after(milliseconds, () => this.#abort(this.#expired()));
  }

  #abort(reason: unknown): void {
    this.end();
    this.#controller.abort(reason);
  }
}
