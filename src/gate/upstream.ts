import type { Socket } from 'node:net';
import { isDeepStrictEqual } from 'node:util';
import type { GateConfig } from './config.ts';
import { DialError, dial, type UpstreamFailure } from './dial.ts';
import { breakLoop, follow, type Passage, passageOf, type Way } from './loops.ts';
import { NameWatch } from './nameWatch.ts';
import type { Resolver } from './resolver.ts';

/**
 * What the last client's attempt to connect came to. `reachable` is undefined before the first one, unless the name of
 * the upstream cannot be resolved: that is known without a client.
 */
export interface UpstreamState {
  readonly reachable: boolean | undefined;
  readonly reason?: UpstreamFailure;
  readonly message?: string;
}

export interface UpstreamOptions {
  readonly resolver: Resolver;
  /** See `NameWatchOptions.interval`. */
  readonly nameInterval?: number;
  /** The state is another one. */
  onChange(): void;
  /** A client could not be connected. */
  onConnectFailed(reason: UpstreamFailure): void;
}

type Address = GateConfig['upstream'];

export const NOT_TRIED: UpstreamState = { reachable: undefined };

/** Milliseconds that a connection must last, after others came back, to show that the loop is gone. */
const NO_LOOP_AFTER = 1_000;

/**
 * The server behind a gate. The gate connects only for clients: a server may count connections, or
 * serve the first one only. All that is asked without a client is the name.
 */
export class Upstream implements Way {
  readonly #options: UpstreamOptions;
  readonly #name: NameWatch;
  #address: Address | undefined;
  #state = NOT_TRIED;

  constructor(options: UpstreamOptions) {
    this.#options = options;
    this.#name = new NameWatch({
      resolver: options.resolver,
      ...(options.nameInterval === undefined ? {} : { interval: options.nameInterval }),
      onAnswer: (failure) => this.#setState(failure === undefined ? NOT_TRIED : stateOf(failure)),
    });
  }

  get state(): UpstreamState {
    return this.#state;
  }

  /** New connections go there. The same address again changes nothing. */
  setAddress(address: Address): void {
    if (isDeepStrictEqual(this.#address, address)) return;
    this.#address = address;
    this.#setState(NOT_TRIED);
    this.#name.start(address);
  }

  /**
   * Connects for a client. Rejects with `DialError`, or with the signal's reason.
   *
   * @param onAttempt a socket was made for it
   */
  async connect(
    client: Socket,
    signal: AbortSignal,
    onAttempt: (socket: Socket) => void,
  ): Promise<Socket> {
    const address = this.#address;
    if (address === undefined) throw new Error('The upstream has no address yet');
    const passage = passageOf(client, this, address);
    try {
      breakLoop(passage);
      const socket = await dial(address, this.#options.resolver, signal, (attempt, to) => {
        follow(passage, attempt, to);
        onAttempt(attempt);
      });
      this.#reached(passage);
      return socket;
    } catch (error) {
      // The end of a loop may fall back on who began it before that knows its own connection to be made.
      if (error instanceof DialError && !passage.isLoop) this.#failed(address, error);
      throw error;
    }
  }

  cameBack({ address }: Passage, error: DialError): void {
    this.#failed(address, error);
  }

  close(): void {
    this.#name.stop();
    this.#address = undefined;
  }

  #failed(address: Address, error: DialError): void {
    this.#options.onConnectFailed(error.reason);
    this.#learn(address, stateOf(error));
  }

  #reached(passage: Passage): void {
    if (this.#state.reason !== 'LoopDetected') {
      if (!passage.isLoop) this.#learn(passage.address, { reachable: true });
      return;
    }
    // Around a loop, too, each connection is made at first.
    setTimeout(() => {
      if (passage.isLoop || this.#state.reason !== 'LoopDetected') return;
      this.#learn(passage.address, { reachable: true });
    }, NO_LOOP_AFTER).unref();
  }

  /** An attempt may end after the address has changed: it says nothing about the new one. */
  #learn(address: Address, state: UpstreamState): void {
    if (address !== this.#address) return;
    this.#setState(state);
    if (state.reason !== 'NameNotResolved') this.#name.stop();
    else if (!this.#name.isAsking) this.#name.start(address);
  }

  #setState(state: UpstreamState): void {
    if (isDeepStrictEqual(this.#state, state)) return;
    this.#state = state;
    this.#options.onChange();
  }
}

function stateOf({ reason, message }: DialError): UpstreamState {
  return { reachable: false, reason, message };
}
