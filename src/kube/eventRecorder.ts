import { randomUUID } from 'node:crypto';
import { type Clock, systemClock } from '../time/clock.ts';
import type { Kube } from './client.ts';
import { asError, isAlreadyExists, KubeApiError } from './errors.ts';
import { EVENTS, eventOf, type Occurrence, type Regarding } from './event.ts';
import { type Series, SeriesByKey } from './eventSeries.ts';
import { formatMicroTime } from './microTime.ts';
import { WorkQueue } from './workQueue.ts';

export interface EventRecorderOptions {
  readonly kube: Pick<Kube, 'create' | 'mergePatch'>;
  /** Name of the controller: one word, with or without a domain before it. */
  readonly controller: string;
  /** Name of this process, such as its pod's. */
  readonly instance: string;
  /** An Event could not be written and is lost. For the log. */
  readonly onError: (error: Error) => void;
  readonly clock?: Clock;
  /** Makes the name of an Event unique: lower-case letters, digits and hyphens. */
  readonly newId?: () => string;
}

/** Milliseconds between writes of one series. */
const SERIES_INTERVAL = 30_000;

/** Attempts to write an Event, with growing waits in between: about 40 seconds in all. */
const MAX_ATTEMPTS = 12;

const CONCURRENCY = 4;

/**
 * Writes events.k8s.io/v1 Events in the background. What happens again within six minutes is counted in the first
 * Event. Events are for people and may be lost, so nothing waits for them and nothing fails because of them.
 */
export class EventRecorder {
  readonly #options: EventRecorderOptions;
  readonly #clock: Clock;
  readonly #newId: () => string;
  readonly #series = new SeriesByKey();
  readonly #queue: WorkQueue;
  readonly #ending = new AbortController();
  #isStopped = false;

  constructor(options: EventRecorderOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#newId = options.newId ?? randomUUID;
    this.#queue = new WorkQueue({
      work: (key) => this.#work(key),
      concurrency: CONCURRENCY,
      // Only what is given up is worth a word.
      onError: () => {},
      clock: this.#clock,
    });
  }

  /** Occurrences that were given up: too many for their object, too many in all, or refused by the API server. */
  get dropped(): number {
    return this.#series.dropped;
  }

  /** Never throws and never waits. Does nothing after `stop`. */
  record(regarding: Regarding, occurrence: Occurrence): void {
    if (this.#isStopped) return;
    const time = this.#clock.wall();
    const event = eventOf(regarding, occurrence, this.#options, this.#newId(), time);
    const added = this.#series.add(event, this.#clock.monotonic(), time);
    if (added === undefined || added.series.isPending) return;
    added.series.isPending = true;
    if (added.series.written === 0) this.#queue.add(added.key);
    else this.#queue.addAfter(added.key, SERIES_INTERVAL);
  }

  /** Writes pending Events, for at most this many milliseconds. */
  async stop(milliseconds = 2000): Promise<void> {
    this.#isStopped = true;
    const end = () => this.#ending.abort(new Error('The process ends'));
    const cancel = this.#clock.after(milliseconds, end);
    await this.#queue.stop();
    for (const key of this.#series.keys()) await this.#flush(key);
    cancel();
  }

  async #work(key: string): Promise<{ requeueAfterMs?: number }> {
    const series = this.#series.get(key);
    if (series === undefined) return {};
    try {
      await this.#write(series);
    } catch (error) {
      series.failures += 1;
      if (isPassing(error) && series.failures < MAX_ATTEMPTS) throw error;
      this.#giveUp(key, error);
      return {};
    }
    series.failures = 0;
    series.isPending = series.written < series.count;
    return series.isPending ? { requeueAfterMs: SERIES_INTERVAL } : {};
  }

  async #flush(key: string): Promise<void> {
    const series = this.#series.get(key);
    while (series !== undefined && series.written < series.count) {
      if (this.#ending.signal.aborted) return this.#series.drop(key);
      try {
        await this.#write(series);
      } catch (error) {
        return this.#giveUp(key, error);
      }
    }
  }

  async #write(series: Series): Promise<void> {
    const { kube } = this.#options;
    const options = { signal: this.#ending.signal };
    const { event, count, lastTime } = series;
    if (series.written === 0) {
      await kube.create(EVENTS, event, options).catch((error) => {
        // An attempt of which no answer came may have been carried out.
        if (!isAlreadyExists(error)) throw error;
      });
      series.written = 1;
    } else {
      const patch = { series: { count, lastObservedTime: formatMicroTime(lastTime) } };
      await kube.mergePatch(EVENTS, event.metadata, patch, options);
      series.written = count;
    }
  }

  #giveUp(key: string, error: unknown): void {
    this.#series.drop(key);
    this.#options.onError(asError(error));
  }
}

function isPassing(error: unknown): boolean {
  return !(error instanceof KubeApiError) || error.status === 429 || error.status >= 500;
}
