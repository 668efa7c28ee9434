import type { Kube, WatchEvent, WatchOptions } from '../kube/client.ts';
import { Deadline } from '../kube/deadline.ts';
import type { KubeObject } from '../kube/objects.ts';
import { Reflector } from '../kube/reflector.ts';
import type { Resource } from '../kube/resource.ts';
import { systemClock } from '../time/clock.ts';
import type { Call } from './call.ts';
import { UnreachableError } from './errors.ts';
import { failureOf, noUpdate } from './failures.ts';
import { type GateObject, TCP_GATES } from './resource.ts';

/** The latest state of a gate that the watch has received. */
export interface ReceivedGate {
  readonly gate: GateObject;
  /** In milliseconds of a monotonic clock; minus infinity for a gate of the initial list, whose age is unknown. */
  readonly receivedAt: number;
}

/** What a decision is based on. */
export interface WatchState {
  /** undefined when the gate does not exist. */
  readonly latest: ReceivedGate | undefined;
  readonly now: number;
  /** Since when the watch receives every change; undefined while it is interrupted. */
  readonly watchingSince: number | undefined;
}

/** The result, or the milliseconds after which to decide again unless a change arrives first. */
export type Decision<T> = { readonly value: T } | { readonly recheckIn: number };

export const DONE: Decision<void> = { value: undefined };
/** Only a change of the gate can help. */
export const WAIT: Decision<never> = { recheckIn: Number.POSITIVE_INFINITY };

export interface GateWatchOptions {
  readonly kube: Kube;
  readonly namespace: string;
}

/** The gates of a namespace, from one watch that resumes where it broke off. */
export class GateWatch {
  readonly #reflector: Reflector<GateObject>;
  readonly #receivedAt = new Map<string, number>();
  readonly #checks = new Map<() => void, string>();
  readonly #namespace: string;
  readonly #closing = new AbortController();
  #watchingSince: number | undefined;
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

  /** Rejects every pending wait. */
  async stop(): Promise<void> {
    this.#closing.abort(new UnreachableError('The connection to the API was closed'));
    await this.#reflector.stop();
  }

  get(name: string): ReceivedGate | undefined {
    const key = this.#key(name);
    const gate = this.#reflector.get(key);
    const receivedAt = this.#receivedAt.get(key);
    return gate === undefined || receivedAt === undefined ? undefined : { gate, receivedAt };
  }

  /**
   * Calls `decide` now and on every change of the gate. Resolves with its first value, and rejects with what it throws.
   * When the call times out, `onTimeout` decides, provided that the watch is connected.
   */
  until<T>(
    name: string,
    call: Call,
    decide: (state: WatchState) => Decision<T>,
    onTimeout: (latest: ReceivedGate | undefined) => T = () => {
      throw noUpdate(this.#key(name), call.timeout);
    },
  ): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const key = this.#key(name);
    const parents = [this.#closing.signal, ...(call.signal === undefined ? [] : [call.signal])];
    const expired = new Error('The time is up');
    const deadline = new Deadline(systemClock, call.left, () => expired, AbortSignal.any(parents));
    let cancelTimer = () => {};
    const end = (): void => {
      cancelTimer();
      this.#checks.delete(check);
      deadline.end();
    };
    const check = (): void => {
      cancelTimer();
      try {
        const decision = decide(this.#state(name));
        if ('value' in decision) {
          end();
          resolve(decision.value);
        } else if (Number.isFinite(decision.recheckIn)) {
          cancelTimer = systemClock.after(decision.recheckIn, check);
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
        if (reason !== expired) throw reason;
        if (this.#watchingSince === undefined) throw this.#watchError(key);
        resolve(onTimeout(this.get(name)));
      } catch (error) {
        reject(error);
      }
    };
    this.#checks.set(check, key);
    deadline.signal.addEventListener('abort', abort, { once: true });
    if (deadline.signal.aborted) abort();
    else check();
    return promise;
  }

  #watchError(key: string): unknown {
    if (this.#failure !== undefined) return failureOf(this.#failure, key);
    return new UnreachableError(
      'The API server ended the watch, and the next attempt has not started yet',
    );
  }

  #state(name: string): WatchState {
    return {
      latest: this.get(name),
      now: systemClock.monotonic(),
      watchingSince: this.#watchingSince,
    };
  }

  /** Records when the watch is connected, which the reflector does not expose. */
  async *#listen<T extends KubeObject>(
    kube: Kube,
    resource: Resource<T>,
    options: WatchOptions,
    signal: AbortSignal,
  ): AsyncGenerator<WatchEvent<T>> {
    const onOpen = () => {
      options.onOpen?.();
      this.#failure = undefined;
      this.#watchingSince = systemClock.monotonic();
      for (const check of [...this.#checks.keys()]) check();
    };
    try {
      yield* kube.watch(resource, { ...options, onOpen }, signal);
    } finally {
      this.#watchingSince = undefined;
    }
  }

  #changed(changedKey: string, current: GateObject | undefined): void {
    const isListed = this.#watchingSince === undefined;
    const receivedAt = isListed ? Number.NEGATIVE_INFINITY : systemClock.monotonic();
    if (current === undefined) this.#receivedAt.delete(changedKey);
    else this.#receivedAt.set(changedKey, receivedAt);
    for (const [check, key] of [...this.#checks]) if (key === changedKey) check();
  }

  #key(name: string): string {
    return `${this.#namespace}/${name}`;
  }
}
