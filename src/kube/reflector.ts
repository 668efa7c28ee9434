import { type Clock, sleep, systemClock } from '../time/clock.ts';
import type { Kube, WatchEvent } from './client.ts';
import { asError } from './errors.ts';
import { ObjectCache, type OnChange } from './objectCache.ts';
import { type KubeObject, keyOf } from './objects.ts';
import { Pages } from './pages.ts';
import type { Resource } from './resource.ts';
import { RestartPolicy } from './restartPolicy.ts';

export interface ReflectorOptions<T extends KubeObject> {
  readonly kube: Pick<Kube, 'list' | 'watch'>;
  readonly resource: Resource<T>;
  /** All namespaces without it. */
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
  /**
   * What is kept of an object; undefined: nothing, as if it were not there. Default: all but managedFields, which are
   * often half of an object.
   */
  readonly keep?: ((object: T) => T | undefined) | undefined;
  /**
   * Called after the cache has changed. An object that was replaced by another one of the same name is deleted first.
   */
  readonly onChange: OnChange<T>;
  /** A list or a watch failed and will be tried again, or `onChange` threw. For the log. */
  readonly onError: (error: Error) => void;
  readonly clock?: Clock;
  /** A number in [0, 1). */
  readonly random?: () => number;
}

export interface ReflectorCounts {
  /** Lists that were begun. */
  readonly lists: number;
  /** Watches that the server took. */
  readonly watches: number;
  /** Lists and watches that failed. */
  readonly restarts: number;
  /** Milliseconds since the last data from the server; undefined before the first. */
  readonly silenceMilliseconds: number | undefined;
}

/** Seconds that a watch lasts: at least, and how much more at most. Spread, so that not all of them end together. */
const WATCH_SECONDS = 240;
const WATCH_SPREAD_SECONDS = 120;

/** Keeps a copy of the objects of one resource, by a list and then a watch, from `start` to `stop`. */
export class Reflector<T extends KubeObject> {
  readonly #options: ReflectorOptions<T>;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #cache: ObjectCache<T>;
  readonly #pages: Pages<T>;
  readonly #keep: (object: T) => T | undefined;
  readonly #stopping = new AbortController();
  readonly #synced = Promise.withResolvers<void>();
  #running: Promise<void> | undefined;
  /** Where the next watch begins; undefined when a list has to come first. */
  #version: string | undefined;
  #openedAt: number | undefined;
  #heardAt: number | undefined;
  #lists = 0;
  #watches = 0;
  #restarts = 0;

  constructor(options: ReflectorOptions<T>) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? Math.random;
    this.#pages = new Pages(options.kube, options.resource);
    this.#keep = options.keep ?? withoutManagedFields;
    this.#cache = new ObjectCache((...change) => this.#notify(...change));
  }

  /** Resolves after the first complete list. Never settles when stopped before. */
  get synced(): Promise<void> {
    return this.#synced.promise;
  }

  get counts(): ReflectorCounts {
    return {
      lists: this.#lists,
      watches: this.#watches,
      restarts: this.#restarts,
      silenceMilliseconds:
        this.#heardAt === undefined ? undefined : this.#clock.monotonic() - this.#heardAt,
    };
  }

  /** @param key `namespace/name`, or the name alone of what has no namespace */
  get(key: string): T | undefined {
    return this.#cache.get(key);
  }

  list(): T[] {
    return this.#cache.list();
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Resolves when nothing runs any longer. No handler is called after that. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    const policy = new RestartPolicy(this.#random);
    while (!signal.aborted) {
      const error = await this.#listAndWatch();
      if (signal.aborted) return;
      if (error !== undefined) {
        this.#restarts += 1;
        this.#options.onError(asError(error));
      }
      const { waitMilliseconds, relist } = policy.after(error, this.#lived);
      if (relist) this.#version = undefined;
      if (waitMilliseconds > 0) {
        await sleep(this.#clock, waitMilliseconds, signal).catch(() => {});
      }
    }
  }

  /** Resolves with the error that ended it, if one did. */
  async #listAndWatch(): Promise<unknown> {
    this.#openedAt = undefined;
    try {
      this.#version ??= await this.#list();
      if (!this.#stopping.signal.aborted) await this.#watch(this.#version);
      return undefined;
    } catch (error) {
      return error;
    }
  }

  /** Resolves with the version of the list. */
  async #list(): Promise<string> {
    const { namespace, labelSelector, fieldSelector } = this.#options;
    const { signal } = this.#stopping;
    const objects: T[] = [];
    let version = '';
    this.#lists += 1;
    for await (const page of this.#pages.list({
      namespace,
      labelSelector,
      fieldSelector,
      signal,
    })) {
      this.#heardAt = this.#clock.monotonic();
      objects.push(...page.items.flatMap((item) => this.#keep(item) ?? []));
      version = page.metadata.resourceVersion;
    }
    this.#cache.replace(objects);
    this.#synced.resolve();
    return version;
  }

  async #watch(resourceVersion: string): Promise<void> {
    const { kube, resource, namespace, labelSelector, fieldSelector } = this.#options;
    const timeoutSeconds = Math.round(WATCH_SECONDS + this.#random() * WATCH_SPREAD_SECONDS);
    const onOpen = () => {
      this.#watches += 1;
      this.#openedAt = this.#heardAt = this.#clock.monotonic();
    };
    const selection = { namespace, labelSelector, fieldSelector };
    const options = { ...selection, resourceVersion, timeoutSeconds, onOpen };
    let isSilent = true;
    for await (const event of kube.watch(resource, options, this.#stopping.signal)) {
      isSilent = false;
      this.#heardAt = this.#clock.monotonic();
      this.#take(event);
    }
    // There is a bookmark every minute or two. A server that has none waits in silence for a version that it never had,
    // as after a restore of etcd from a backup.
    const lastedInFull = this.#lived >= (timeoutSeconds - 1) * 1000;
    if (isSilent && lastedInFull) this.#version = undefined;
  }

  /** Milliseconds since the last watch was opened; 0 when it never was. */
  get #lived(): number {
    return this.#openedAt === undefined ? 0 : this.#clock.monotonic() - this.#openedAt;
  }

  #take({ type, object }: WatchEvent<T>): void {
    const kept = type === 'ADDED' || type === 'MODIFIED' ? this.#keep(object) : undefined;
    if (kept !== undefined) this.#cache.set(kept);
    else if (type !== 'BOOKMARK') this.#cache.delete(keyOf(object.metadata));
    this.#version = object.metadata.resourceVersion ?? this.#version;
  }

  #notify(...change: Parameters<OnChange<T>>): void {
    if (this.#stopping.signal.aborted) return;
    try {
      this.#options.onChange(...change);
    } catch (error) {
      this.#options.onError(asError(error));
    }
  }
}

function withoutManagedFields<T extends KubeObject>(object: T): T {
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}
