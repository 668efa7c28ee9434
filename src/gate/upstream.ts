import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { GateConfig } from './config.ts';
import { addressesOf, DialError, dial, type UpstreamFailure } from './dial.ts';
import type { Resolver } from './resolver.ts';

/**
 * What the last client's attempt to connect came to. `reachable` is undefined before the first one, unless the name of
 * the upstream can not be resolved: that is known without a client.
 */
export interface UpstreamState {
  readonly reachable: boolean | undefined;
  readonly reason?: UpstreamFailure;
  readonly message?: string;
}

export interface UpstreamOptions {
  readonly resolver: Resolver;
  /** Milliseconds between attempts to resolve a name that can not be resolved. */
  readonly nameInterval?: number;
  /** The state is another one. */
  onChange(): void;
  /** A client could not be connected. */
  onConnectFailed(reason: UpstreamFailure): void;
}

type Address = GateConfig['upstream'];

const NAME_INTERVAL = 5_000;

const NOT_TRIED: UpstreamState = { reachable: undefined };

/**
 * The server that a gate stands in front of. It is connected to for clients alone: a server may count connections, or
 * serve the first one only. All that is asked without a client is the name.
 */
export class Upstream {
  readonly #options: UpstreamOptions;
  #address: Address | undefined;
  #state = NOT_TRIED;
  /** While the name is asked for without a client. */
  #asking: AbortController | undefined;

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
    this.#setState(NOT_TRIED);
    void this.#askName(address);
  }

  /** Connects for a client. Rejects with `DialError`, or with the signal's reason. */
  async connect(signal: AbortSignal): Promise<Socket> {
    const address = this.#address;
    if (address === undefined) throw new Error('The upstream has no address yet');
    try {
      const socket = await dial(address, this.#options.resolver, signal);
      this.#learn(address, { reachable: true });
      return socket;
    } catch (error) {
      if (error instanceof DialError) {
        this.#options.onConnectFailed(error.reason);
        this.#learn(address, stateOf(error));
      }
      throw error;
    }
  }

  close(): void {
    this.#stopAsking();
    this.#address = undefined;
  }

  /** An attempt may end after the address has changed: it says nothing about the new one. */
  #learn(address: Address, state: UpstreamState): void {
    if (address !== this.#address) return;
    this.#setState(state);
    if (state.reason !== 'NameNotResolved') this.#stopAsking();
    else if (this.#asking === undefined) void this.#askName(address);
  }

  /** Asks for the name until it can be resolved, or a client's connection tells more. */
  async #askName(address: Address): Promise<void> {
    this.#stopAsking();
    const asking = new AbortController();
    this.#asking = asking;
    const { resolver, nameInterval = NAME_INTERVAL } = this.#options;
    try {
      for (;;) {
        const state = await nameState(address, resolver, asking.signal);
        asking.signal.throwIfAborted();
        this.#setState(state);
        if (state === NOT_TRIED) break;
        await sleep(nameInterval, undefined, { signal: asking.signal, ref: false });
      }
      this.#asking = undefined;
    } catch (error) {
      if (!asking.signal.aborted) throw error;
    }
  }

  #stopAsking(): void {
    this.#asking?.abort();
    this.#asking = undefined;
  }

  #setState(state: UpstreamState): void {
    if (isDeepStrictEqual(this.#state, state)) return;
    this.#state = state;
    this.#options.onChange();
  }
}

/** Rejects with the signal's reason. */
async function nameState(
  address: Address,
  resolver: Resolver,
  signal: AbortSignal,
): Promise<UpstreamState> {
  try {
    await addressesOf(address, resolver, signal);
    return NOT_TRIED;
  } catch (error) {
    if (error instanceof DialError) return stateOf(error);
    throw error;
  }
}

function stateOf({ reason, message }: DialError): UpstreamState {
  return { reachable: false, reason, message };
}
