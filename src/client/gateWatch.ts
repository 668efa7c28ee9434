import type { Kube, WatchEvent, WatchOptions } from '../kube/client.ts';
import { Deadline } from '../kube/deadline.ts';
import type { KubeObject } from '../kube/objects.ts';
import { Reflector } from '../kube/reflector.ts';
import type { Resource } from '../kube/resource.ts';
import { systemClock } from '../time/clock.ts';
import type { Call } from './call.ts';
import { UnreachableError } from './errors.ts';
import { failureOf, unheard } from './failures.ts';
import { type GateObject, TCP_GATES } from './resource.ts';

/** A gate as it was heard of last. */
export interface Seen {
  readonly gate: GateObject;
  /** When it was heard, in milliseconds of a monotonic clock; minus infinity when nobody knows how old it was by then. */
  readonly heardAt: number;
}

/** What is known when something is judged. */
export interface Sight {
  /** undefined when there is no such gate. */
  readonly seen: Seen | undefined;
  readonly now: number;
  /** Since when every change is heard; undefined while the watch is interrupted. */
  readonly listeningSince: number | undefined;
}

/** The answer, or in how many milliseconds to ask again if nothing is heard before. */
export type Verdict<T> = { readonly value: T } | { readonly againIn: number };

export const YES: Verdict<void> = { value: undefined };
/** Nothing but news can change it. */
export const NOT_YET: Verdict<never> = { againIn: Number.POSITIVE_INFINITY };

export interface GateWatchOptions {
  readonly kube: Kube;
  readonly namespace: string;
}

/** The gates of a namespace, by one watch that goes on where it was when it breaks. */
export class GateWatch {
  readonly #reflector: Reflector<GateObject>;
  readonly #heardAt = new Map<string, number>();
  readonly #looks = new Map<() => void, string>();
  readonly #namespace: string;
  readonly #closing = new AbortController();
  #listeningSince: number | undefined;
  #failure: Error | undefined;

  constructor({ kube, namespace }: GateWatchOptions) {
    this.#namespace = namespace;
    this.#reflector = new Reflector<GateObject>({
      kube: {
        list: (resource, options) => kube.list(resource, options),
        watch: (resource, options, signal) => this.#listen(kube, resource, options, signal),
      },
      resource: TCP_GATES,
      namespace,
      onChange: (key, current) => this.#changed(key, current),
      onError: (error) => {
        this.#failure = error;
      },
    });
  }

  start(): void {
    this.#reflector.start();
  }

  /** Whoever still waits is turned away. */
  async stop(): Promise<void> {
    this.#closing.abort(new UnreachableError('The connection to the API was closed'));
    await this.#reflector.stop();
  }

  get(name: string): Seen | undefined {
    const key = this.#key(name);
    const gate = this.#reflector.get(key);
    const heardAt = this.#heardAt.get(key);
    return gate === undefined || heardAt === undefined ? undefined : { gate, heardAt };
  }

  /**
   * Resolves with the first value that `judge` gives, asked now and whenever there is news of the gate, and rejects with
   * what it throws. When the time of the call is up, `late` decides, if the watch is up at all.
   */
  until<T>(
    name: string,
    call: Call,
    judge: (sight: Sight) => Verdict<T>,
    late: (seen: Seen | undefined) => T = () => {
      throw unheard(this.#key(name), call.timeout);
    },
  ): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const key = this.#key(name);
    const parents = [this.#closing.signal, ...(call.signal === undefined ? [] : [call.signal])];
    const isUp = new Error('The time is up');
    const deadline = new Deadline(systemClock, call.left, () => isUp, AbortSignal.any(parents));
    let cancelTimer = () => {};
    const end = (): void => {
      cancelTimer();
      this.#looks.delete(look);
      deadline.end();
    };
    const look = (): void => {
      cancelTimer();
      try {
        const verdict = judge(this.#sight(name));
        if ('value' in verdict) {
          end();
          resolve(verdict.value);
        } else if (Number.isFinite(verdict.againIn)) {
          cancelTimer = systemClock.after(verdict.againIn, look);
        }
      } catch (error) {
        end();
        reject(error);
      }
    };
    const abort = (): void => {
      end();
      const { reason } = deadline.signal;
      try {
        if (reason !== isUp) throw reason;
        if (this.#listeningSince === undefined) throw this.#deafness(key);
        resolve(late(this.get(name)));
      } catch (error) {
        reject(error);
      }
    };
    this.#looks.set(look, key);
    deadline.signal.addEventListener('abort', abort, { once: true });
    if (deadline.signal.aborted) abort();
    else look();
    return promise;
  }

  #deafness(key: string): unknown {
    if (this.#failure !== undefined) return failureOf(this.#failure, key);
    return new UnreachableError('The API server has ended the watch, and is not asked again yet');
  }

  #sight(name: string): Sight {
    return {
      seen: this.get(name),
      now: systemClock.monotonic(),
      listeningSince: this.#listeningSince,
    };
  }

  /** Knows when it listens, which the reflector does not tell. */
  async *#listen<T extends KubeObject>(
    kube: Kube,
    resource: Resource<T>,
    options: WatchOptions,
    signal: AbortSignal,
  ): AsyncGenerator<WatchEvent<T>> {
    const onOpen = () => {
      options.onOpen?.();
      this.#failure = undefined;
      this.#listeningSince = systemClock.monotonic();
      for (const look of [...this.#looks.keys()]) look();
    };
    try {
      yield* kube.watch(resource, { ...options, onOpen }, signal);
    } finally {
      this.#listeningSince = undefined;
    }
  }

  #changed(changedKey: string, current: GateObject | undefined): void {
    const isListed = this.#listeningSince === undefined;
    const heardAt = isListed ? Number.NEGATIVE_INFINITY : systemClock.monotonic();
    if (current === undefined) this.#heardAt.delete(changedKey);
    else this.#heardAt.set(changedKey, heardAt);
    for (const [look, key] of [...this.#looks]) if (key === changedKey) look();
  }

  #key(name: string): string {
    return `${this.#namespace}/${name}`;
  }
}
