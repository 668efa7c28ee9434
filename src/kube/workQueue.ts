import { type Clock, systemClock } from '../time/clock.ts';
import { backoffMilliseconds } from './backoff.ts';
import { asError, retryAfterMilliseconds } from './errors.ts';
import { KeyTimers } from './keyTimers.ts';
import { type Rank, Turns } from './turns.ts';

/** Told what the queue does; see `workqueue_*` of client-go. */
interface WorkQueueMetrics {
  /** Keys that wait for a worker now. */
  depth(depth: number): void;
  added(): void;
  retried(): void;
  waited(seconds: number): void;
  worked(seconds: number): void;
}

export interface WorkQueueOptions {
  /** Never called for a key that it still works on. A key whose work fails comes back, later each time. */
  readonly work: (key: string) => Promise<{ requeueAfterMs?: number }>;
  /** Keys worked on at the same time at most. */
  readonly concurrency: number;
  /** Of these, how many that are not urgent at most: what is urgent waits for none of them. Default: all. */
  readonly notUrgentConcurrency?: number;
  /** Work failed; unless the key is added earlier, it is retried in this many milliseconds. For the log. */
  readonly onError: (key: string, error: Error, retryMilliseconds: number) => void;
  /** When a key that is added has its turn. Default: first come, first served. */
  readonly rank?: (key: string) => Rank;
  readonly metrics?: WorkQueueMetrics;
  readonly clock?: Clock;
  /** A number in [0, 1). */
  readonly random?: () => number;
}

const ONE_FOR_ALL: Rank = { group: '', isUrgent: false };

const RETRY = { minMilliseconds: 5, maxMilliseconds: 60_000 };

/**
 * Works on keys in turn. A key that is added again while it waits is worked on once; one that is
 * added while it is worked on is worked on again afterwards.
 */
export class WorkQueue {
  readonly #options: WorkQueueOptions;
  readonly #clock: Clock;
  readonly #random: () => number;
  /** With the time when each was added. */
  readonly #waiting = new Turns<number>();
  readonly #running = new Set<string>();
  /** Of what runs, what is not urgent. */
  readonly #runningOthers = new Set<string>();
  /** Added while they were worked on, and when. */
  readonly #dirty = new Map<string, number>();
  readonly #failures = new Map<string, number>();
  /** What the last work wanted; void once the key is worked on for another reason. */
  readonly #retries: KeyTimers;
  /** What `addAfter` wanted. */
  readonly #delays: KeyTimers;
  #stopped: PromiseWithResolvers<void> | undefined;
  #isFillPending = false;

  constructor(options: WorkQueueOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? Math.random;
    this.#retries = new KeyTimers(this.#clock, (key) => this.add(key));
    this.#delays = new KeyTimers(this.#clock, (key) => this.add(key));
  }

  /** Also ends the wait of a key for its retry. Does nothing after `stop`. */
  add(key: string): void {
    if (this.#stopped !== undefined) return;
    this.#retries.cancel(key);
    if (this.#waiting.has(key) || this.#dirty.has(key)) return;
    this.#options.metrics?.added();
    if (this.#running.has(key)) this.#dirty.set(key, this.#clock.monotonic());
    else this.#enqueue(key, this.#clock.monotonic());
  }

  /** Adds the key in this many milliseconds, or earlier if already scheduled. */
  addAfter(key: string, milliseconds: number): void {
    if (this.#stopped === undefined) this.#delays.set(key, milliseconds);
  }

  /** Forgets what waits, and resolves when what runs is done. */
  stop(): Promise<void> {
    if (this.#stopped === undefined) {
      this.#stopped = Promise.withResolvers<void>();
      this.#retries.cancelAll();
      this.#delays.cancelAll();
      this.#waiting.clear();
      this.#dirty.clear();
      this.#options.metrics?.depth(0);
      if (this.#running.size === 0) this.#stopped.resolve();
    }
    return this.#stopped.promise;
  }

  #enqueue(key: string, addedAt: number): void {
    this.#waiting.push(key, addedAt, this.#options.rank?.(key) ?? ONE_FOR_ALL);
    this.#options.metrics?.depth(this.#waiting.size);
    this.#fillSoon();
  }

  /**
   * Not right away: anyone who adds a key may not be done yet with what the work will look at. And in a turn of its own:
   * work that waits for nothing would keep sockets, probes and the Lease waiting until the last of all keys is done.
   */
  #fillSoon(): void {
    if (this.#isFillPending) return;
    this.#isFillPending = true;
    setImmediate(() => {
      this.#isFillPending = false;
      this.#fill();
    });
  }

  #fill(): void {
    const { concurrency, notUrgentConcurrency = concurrency } = this.#options;
    while (this.#running.size < concurrency) {
      const onlyUrgent = this.#runningOthers.size >= notUrgentConcurrency;
      const next = this.#waiting.shift({ onlyUrgent });
      if (next === undefined) return;
      const { key, value: addedAt, isUrgent } = next;
      if (!isUrgent) this.#runningOthers.add(key);
      this.#options.metrics?.depth(this.#waiting.size);
      this.#options.metrics?.waited((this.#clock.monotonic() - addedAt) / 1000);
      void this.#run(key);
    }
  }

  async #run(key: string): Promise<void> {
    this.#running.add(key);
    const startedAt = this.#clock.monotonic();
    try {
      const { requeueAfterMs } = await this.#options.work(key);
      this.#failures.delete(key);
      if (requeueAfterMs !== undefined) this.#again(key, requeueAfterMs);
    } catch (error) {
      this.#failed(key, asError(error));
    } finally {
      this.#options.metrics?.worked((this.#clock.monotonic() - startedAt) / 1000);
      this.#finish(key);
    }
  }

  #failed(key: string, error: Error): void {
    const failures = (this.#failures.get(key) ?? 0) + 1;
    this.#failures.set(key, failures);
    const backoff = backoffMilliseconds(failures, RETRY, this.#random());
    const wait = Math.max(backoff, retryAfterMilliseconds(error));
    if (this.#again(key, wait)) this.#options.metrics?.retried();
    this.#options.onError(key, error, wait);
  }

  /** False when the key is worked on again anyway, or never. */
  #again(key: string, milliseconds: number): boolean {
    if (this.#dirty.has(key) || this.#stopped !== undefined) return false;
    this.#retries.set(key, milliseconds);
    return true;
  }

  #finish(key: string): void {
    this.#running.delete(key);
    this.#runningOthers.delete(key);
    const dirtyAt = this.#dirty.get(key);
    this.#dirty.delete(key);
    if (dirtyAt !== undefined) this.#enqueue(key, dirtyAt);
    else if (this.#waiting.size > 0) this.#fillSoon();
    if (this.#running.size === 0) this.#stopped?.resolve();
  }
}
