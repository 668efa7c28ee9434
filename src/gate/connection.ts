import type { Socket } from 'node:net';
import type { MonotonicClock } from '../time/clock.ts';
import type { Budget } from './budget.ts';
import { Direction, type DirectionObserver } from './direction.ts';
import type { DirectionName } from './directionName.ts';
import { keyedRandom, keyedSequence, nameKey } from './random.ts';
import type { GateRules, Rules } from './rules.ts';
import type { How } from './schema.ts';
import { finish, reset } from './sockets.ts';

/** Why a connection ended. */
export type CloseReason =
  | 'ClientEof'
  | 'UpstreamEof'
  | 'ClientReset'
  | 'UpstreamReset'
  | 'Disconnected'
  | 'Fault'
  | 'GateClosed';

/** Keys of the random numbers: the two directions of a connection draw apart. */
const DIRECTION_KEYS = { toServer: 1, toClient: 2 } as const;
const DIRECTIONS = ['toServer', 'toClient'] as const;
const CHOICE = 1;
const STAGE = 2;

export interface ConnectionOptions {
  readonly client: Socket;
  readonly server: Socket;
  /** Counts from 1 in each gate. */
  readonly number: number;
  readonly clock: MonotonicClock;
  readonly connectionBytes: number;
  readonly budget: Budget;
  /** See Direction. */
  readonly share: object;
  /** One pair may serve many connections. */
  readonly observers: Readonly<Record<DirectionName, DirectionObserver>>;
  onClose(reason: CloseReason): void;
}

interface Half {
  readonly direction: Direction;
  rules: Rules | undefined;
}

/** A client's socket and its server's, and the two directions between them. */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #openedAt: number;
  readonly #halves: Record<DirectionName, Half>;
  #firstEof: DirectionName | undefined;
  #isClosed = false;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#openedAt = options.clock.monotonic();
    const { client, server } = options;
    this.#halves = {
      toServer: { direction: this.#direction('toServer', client, server), rules: undefined },
      toClient: { direction: this.#direction('toClient', server, client), rules: undefined },
    };
    client.on('error', () => this.#lost('ClientReset', server));
    server.on('error', () => this.#lost('UpstreamReset', client));
  }

  /** Bytes that were read and not written, in both directions. */
  get held(): number {
    const { toServer, toClient } = this.#halves;
    return toServer.direction.held + toClient.direction.held;
  }

  /** Resolves when both sockets are closed. */
  get gone(): Promise<void> {
    const { client, server } = this.#options;
    return Promise.all([client, server].map(closeOf)).then(() => {});
  }

  /** Bytes begin to flow, under the faults of the configuration. */
  start(rules: GateRules): void {
    this.setRules(rules);
    this.refill();
    this.#halves.toServer.direction.start();
    this.#halves.toClient.direction.start();
  }

  /**
   * Replaces the faults of both directions; one whose rules are the same is not touched. `refill` must follow: a
   * shared fault must be in place in every connection before the first byte reaches it.
   */
  setRules(rules: GateRules): void {
    for (const name of DIRECTIONS) {
      const half = this.#halves[name];
      if (half.rules === rules[name]) continue;
      half.rules = rules[name];
      half.direction.setFaults(this.#isTouched(name, rules[name]) ? rules[name] : undefined);
    }
  }

  /** Passes bytes held at the change of rules through the new ones, which are in force when it returns. */
  refill(): void {
    for (const name of DIRECTIONS) this.#halves[name].direction.refill();
  }

  /** See Direction; of both. */
  undecidedBytes(): number {
    const { toServer, toClient } = this.#halves;
    return toServer.direction.undecidedBytes() + toClient.direction.undecidedBytes();
  }

  /** Closes both sockets; what is held is discarded. Does nothing when it is closed already. */
  close(how: How, reason: CloseReason): void {
    if (this.#isClosed) return;
    this.#end(reason);
    for (const socket of [this.#options.client, this.#options.server]) {
      if (how === 'Reset') reset(socket);
      else finish(socket);
    }
  }

  #direction(name: DirectionName, source: Socket, sink: Socket): Direction {
    const { number, clock, connectionBytes, budget, share, observers } = this.#options;
    return new Direction({
      source,
      sink,
      clock,
      openedAt: this.#openedAt,
      connectionBytes,
      budget,
      share,
      observer: observers[name],
      random: (fault) =>
        keyedSequence(this.#seed(name), number, DIRECTION_KEYS[name], STAGE, nameKey(fault)),
      close: (how) => this.close(how, 'Fault'),
      onEnd: () => this.#ended(name),
      onClosing: () => this.#halves[name === 'toServer' ? 'toClient' : 'toServer'].direction.seal(),
    });
  }

  #seed(name: DirectionName): number {
    return this.#halves[name].rules?.seed ?? 0;
  }

  /** Chosen by seed and number alone, so that the same connections are touched before and after a change. */
  #isTouched(name: DirectionName, { seed, config }: Rules): boolean {
    const draw = keyedRandom(seed, this.#options.number, DIRECTION_KEYS[name], CHOICE);
    return draw * 100 < config.connectionsPercent;
  }

  /** One end failed without a FIN: the other learns of it the same way. */
  #lost(reason: CloseReason, other: Socket): void {
    if (this.#isClosed) return;
    this.#end(reason);
    reset(other);
  }

  #ended(name: DirectionName): void {
    if (this.#firstEof === undefined) {
      this.#firstEof = name;
      return;
    }
    this.#end(this.#firstEof === 'toServer' ? 'ClientEof' : 'UpstreamEof');
  }

  #end(reason: CloseReason): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#halves.toServer.direction.stop();
    this.#halves.toClient.direction.stop();
    this.#options.onClose(reason);
  }
}

function closeOf(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.closed) resolve();
    else socket.once('close', () => resolve());
  });
}
