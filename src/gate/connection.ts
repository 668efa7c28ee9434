import type { Socket } from 'node:net';
import { isDeepStrictEqual } from 'node:util';
import type { Budget } from './budget.ts';
import type { DirectionConfig, GateConfig } from './config.ts';
import { Direction } from './direction.ts';
import { keyedRandom } from './random.ts';
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

export type DirectionName = 'toServer' | 'toClient';

/** Keys of the random numbers: the two directions of a connection draw apart. */
const DIRECTION_KEYS = { toServer: 1, toClient: 2 } as const;
const CHOICE = 1;
const STAGE = 2;

export interface ConnectionOptions {
  readonly client: Socket;
  readonly server: Socket;
  /** Counts from 1 in each gate. */
  readonly number: number;
  readonly now: () => number;
  readonly connectionBytes: number;
  readonly budget: Budget;
  onClose(reason: CloseReason): void;
  onBytes(direction: DirectionName, count: number): void;
  onInjected(direction: DirectionName, fault: string): void;
  onDelayed(direction: DirectionName, milliseconds: number): void;
}

/** What decides about one direction; equal means that nothing is to be changed. */
type Rules = readonly [seed: number, config: DirectionConfig];

interface Half {
  readonly direction: Direction;
  rules: Rules | undefined;
}

/** A client's socket and its server's, and the two directions between them. */
export class Connection {
  /** Both sockets are closed. */
  readonly gone: Promise<void>;
  readonly #options: ConnectionOptions;
  readonly #halves: Record<DirectionName, Half>;
  #seed = 0;
  #firstEof: DirectionName | undefined;
  #isClosed = false;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    const { client, server } = options;
    this.#halves = {
      toServer: { direction: this.#direction('toServer', client, server), rules: undefined },
      toClient: { direction: this.#direction('toClient', server, client), rules: undefined },
    };
    client.on('error', () => this.#lost('ClientReset', server));
    server.on('error', () => this.#lost('UpstreamReset', client));
    this.gone = Promise.all([client, server].map(closeOf)).then(() => {});
  }

  /** Bytes begin to flow, under the faults of the configuration. */
  start(config: GateConfig): void {
    this.setFaults(config);
    this.#halves.toServer.direction.start();
    this.#halves.toClient.direction.start();
  }

  /** In force on both directions when it returns. A direction whose rules are the same is not touched. */
  setFaults(config: GateConfig): void {
    this.#seed = config.seed;
    for (const [name, half] of Object.entries(this.#halves)) {
      const direction = name as DirectionName;
      const rules: Rules = [config.seed, config[direction]];
      if (isDeepStrictEqual(half.rules, rules)) continue;
      half.rules = rules;
      half.direction.setFaults(this.#isTouched(direction, config) ? config[direction] : undefined);
    }
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
    const { number, now, connectionBytes, budget, onBytes, onInjected, onDelayed } = this.#options;
    return new Direction({
      source,
      sink,
      now,
      connectionBytes,
      budget,
      random: (key) => keyedRandom(this.#seed, number, DIRECTION_KEYS[name], STAGE, key),
      close: (how) => this.close(how, 'Fault'),
      onEnd: () => this.#ended(name),
      onBytes: (count) => onBytes(name, count),
      onInjected: (fault) => onInjected(name, fault),
      onDelayed: (milliseconds) => onDelayed(name, milliseconds),
    });
  }

  /** Chosen by seed and number alone, so that the same connections are touched before and after a change. */
  #isTouched(name: DirectionName, { seed, [name]: { connectionsPercent } }: GateConfig): boolean {
    const draw = keyedRandom(seed, this.#options.number, DIRECTION_KEYS[name], CHOICE);
    return draw * 100 < connectionsPercent;
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
