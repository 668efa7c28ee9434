import type { Socket } from 'node:net';
import { isDeepStrictEqual } from 'node:util';
import type { GateConfig } from './config.ts';
import { DialError, dial, type UpstreamFailure } from './dial.ts';
import type { Resolver } from './resolver.ts';

/** What the last attempt to connect came to; `reachable` is undefined before the first. */
export interface UpstreamState {
  readonly reachable: boolean | undefined;
  readonly reason?: UpstreamFailure;
  readonly message?: string;
}

export interface UpstreamOptions {
  readonly resolver: Resolver;
  /** The state is another one. */
  onChange(): void;
  onConnectFailed(reason: UpstreamFailure): void;
}

type Address = GateConfig['upstream'];

/** Milliseconds between attempts to find out whether an upstream is back. */
const PROBE_INTERVAL = 5_000;

/**
 * The server that a gate stands in front of. Knows from every connection whether it can be reached; asks by a
 * connection of its own when the address is new, and while it can not.
 */
export class Upstream {
  readonly #options: UpstreamOptions;
  #address: Address | undefined;
  #state: UpstreamState = { reachable: undefined };
  #probe: NodeJS.Timeout | undefined;
  #probing = new AbortController();

  constructor(options: UpstreamOptions) {
    this.#options = options;
  }

  get state(): UpstreamState {
    return this.#state;
  }

  /** New connections go there. The same address again changes nothing. */
  setAddress(address: Address): void {
    if (isDeepStrictEqual(this.#address, address)) return;
    this.#address = address;
    this.#stopProbing();
    this.#setState({ reachable: undefined });
    void this.#ask(address, this.#probing.signal);
  }

  /** Connects for a client. Rejects with `DialError`, or with the signal's reason. */
  async connect(signal: AbortSignal): Promise<Socket> {
    const address = this.#address;
    if (address === undefined) throw new Error('The upstream has no address yet');
    return this.#dial(address, signal);
  }

  close(): void {
    this.#stopProbing();
    this.#address = undefined;
  }

  async #dial(address: Address, signal: AbortSignal): Promise<Socket> {
    try {
      const socket = await dial(address, this.#options.resolver, signal);
      this.#learn(address, { reachable: true });
      return socket;
    } catch (error) {
      if (error instanceof DialError) {
        const { reason, message } = error;
        this.#options.onConnectFailed(reason);
        this.#learn(address, { reachable: false, reason, message });
      }
      throw error;
    }
  }

  /** An attempt may end after the address has changed: it says nothing about the new one. */
  #learn(address: Address, state: UpstreamState): void {
    if (address !== this.#address) return;
    this.#setState(state);
    clearTimeout(this.#probe);
    if (state.reachable) return;
    const { signal } = this.#probing;
    this.#probe = setTimeout(() => void this.#ask(address, signal), PROBE_INTERVAL);
  }

  async #ask(address: Address, signal: AbortSignal): Promise<void> {
    try {
      (await this.#dial(address, signal)).destroy();
    } catch {
      // What it came to is in the state.
    }
  }

  #stopProbing(): void {
    clearTimeout(this.#probe);
    this.#probing.abort();
    this.#probing = new AbortController();
  }

  #setState(state: UpstreamState): void {
    if (isDeepStrictEqual(this.#state, state)) return;
    this.#state = state;
    this.#options.onChange();
  }
}
