import { setTimeout as sleep } from 'node:timers/promises';
import type { GateConfig } from './config.ts';
import { addressesOf, DialError } from './dial.ts';
import type { Resolver } from './resolver.ts';

export interface NameWatchOptions {
  readonly resolver: Resolver;
  /** Milliseconds between attempts to resolve a name that cannot be resolved. Default: 5,000. */
  readonly interval?: number;
  /** The name can be resolved (undefined), or why not. */
  onAnswer(failure: DialError | undefined): void;
}

const INTERVAL = 5_000;

/** Asks whether the name of an upstream can be resolved, again and again until it can. Connects to nothing. */
export class NameWatch {
  readonly #options: NameWatchOptions;
  #asking: AbortController | undefined;

  constructor(options: NameWatchOptions) {
    this.#options = options;
  }

  /** Asks for this name from now on, and for no other one. */
  start(upstream: GateConfig['upstream']): void {
    this.stop();
    this.#asking = new AbortController();
    void this.#ask(upstream, this.#asking.signal);
  }

  stop(): void {
    this.#asking?.abort();
    this.#asking = undefined;
  }

  get isAsking(): boolean {
    return this.#asking !== undefined;
  }

  async #ask(upstream: GateConfig['upstream'], signal: AbortSignal): Promise<void> {
    const { resolver, interval = INTERVAL, onAnswer } = this.#options;
    try {
      for (;;) {
        const failure = await failureOf(upstream, resolver, signal);
        signal.throwIfAborted();
        onAnswer(failure);
        if (failure === undefined) break;
        await sleep(interval, undefined, { signal, ref: false });
      }
      this.#asking = undefined;
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }
}

/** Rejects with the signal's reason. */
async function failureOf(
  upstream: GateConfig['upstream'],
  resolver: Resolver,
  signal: AbortSignal,
): Promise<DialError | undefined> {
  try {
    await addressesOf(upstream, resolver, signal);
    return undefined;
  } catch (error) {
    if (error instanceof DialError) return error;
    throw error;
  }
}
