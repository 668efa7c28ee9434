import { TokenBuckets } from '../limits/tokenBuckets.ts';
import type { Event } from './event.ts';

/** What happened once or more, and how much of that was written. */
export interface Series {
  /** As it was the first time. */
  readonly event: Event;
  /** Occurrences. */
  count: number;
  /** Occurrences that the API server knows of; 0: the Event is still to be created. */
  written: number;
  /** Attempts to write that failed since the last one that did not. */
  failures: number;
  /** A write is on its way or scheduled. */
  isPending: boolean;
  /** Of the last occurrence: monotonic milliseconds, and milliseconds since the epoch. */
  lastAt: number;
  lastTime: number;
}

/** Milliseconds without another occurrence after which the next one begins a new Event; that of client-go. */
const ENDS_AFTER = 360_000;

/** Series that are remembered; beyond, the one that was used least recently is given up. */
const MAX_SERIES = 1000;

/** New Events per object: size of a burst, then one per interval, in milliseconds. */
const BURST = 25;
const REFILL = 30_000;

/** Counts what happens again and again, within bounds of memory and of new Events for each object. */
export class SeriesByKey {
  readonly #series = new Map<string, Series>();
  readonly #buckets = new TokenBuckets(BURST, REFILL, MAX_SERIES);
  #dropped = 0;

  /** Occurrences that were given up before they were written. */
  get dropped(): number {
    return this.#dropped;
  }

  get(key: string): Series | undefined {
    return this.#series.get(key);
  }

  keys(): string[] {
    return [...this.#series.keys()];
  }

  /**
   * Counts one occurrence. Undefined when it is one too many for its object.
   *
   * @param now monotonic milliseconds
   * @param time milliseconds since the epoch
   */
  add(event: Event, now: number, time: number): { key: string; series: Series } | undefined {
    const { regarding, type, reason, note, action } = event;
    const object = JSON.stringify(regarding);
    const key = JSON.stringify([object, type, reason, note, action]);
    this.#forget(key, now);
    let series = this.#series.get(key);
    if (series === undefined) {
      if (!this.#buckets.take(object, now)) {
        this.#dropped += 1;
        return undefined;
      }
      series = {
        event,
        count: 0,
        written: 0,
        failures: 0,
        isPending: false,
        lastAt: 0,
        lastTime: 0,
      };
    }
    series.count += 1;
    series.lastAt = now;
    series.lastTime = time;
    // Inserted again, so that the first one of the map is the one that was used least recently.
    this.#series.delete(key);
    this.#series.set(key, series);
    return { key, series };
  }

  drop(key: string): void {
    const series = this.#series.get(key);
    if (series === undefined) return;
    this.#dropped += series.count - series.written;
    this.#series.delete(key);
  }

  /** Makes room, and ends the series of the key if it is over. */
  #forget(key: string, now: number): void {
    const isOver = (series: Series) => now - series.lastAt > ENDS_AFTER;
    const own = this.#series.get(key);
    if (own !== undefined && isOver(own)) this.drop(key);
    for (const [oldest, series] of this.#series) {
      const isDone = isOver(series) && series.written === series.count;
      if (!isDone && this.#series.size < MAX_SERIES) return;
      this.drop(oldest);
    }
  }
}
