import { randomUUID } from 'node:crypto';
import type { TcpGateStatus } from '../api/status.ts';
import { gateConfig } from '../gate/config.ts';
import { splitHostPort } from '../gate/hostPort.ts';
import type { CallOptions } from './call.ts';
import {
  type Disconnect,
  disconnectChange,
  type GateSettings,
  RESET,
  specChange,
} from './changes.ts';
import { timelyIn, trueSinceIn } from './counts.ts';
import { Direction } from './direction.ts';
import { noUpdate, tooFewConnections } from './failures.ts';
import type { GateControl } from './gateControl.ts';
import { DONE, WAIT } from './gateWatch.ts';
import { checkArgument, readOptions } from './options.ts';
import type { PeriodOptions } from './period.ts';
import { getGate } from './requests.ts';
import type { GateObject, NewConnections } from './resource.ts';
import { text } from './text.ts';

const SETTINGS = gateConfig.pick({ toServer: true, toClient: true, newConnections: true });

export interface DisconnectOptions extends Disconnect, CallOptions {}

export interface StopAcceptingOptions extends CallOptions {
  /**
   * What new connections meet. `Hold` (default): the handshake and nothing more, until they are accepted again.
   * `Refuse`: connection refused. `Reset`: accepted, then reset.
   */
  readonly how?: Exclude<NewConnections, 'Accept'> | undefined;
}

/**
 * One gate. Its methods resolve when what they ask for is in force on every open connection, and come into force in the
 * order in which they are called. They reject with a `ChaosError`.
 */
export class Gate implements AsyncDisposable {
  /** The bytes from the client to the server. */
  readonly toServer: Direction;
  /** The bytes from the server to the client. */
  readonly toClient: Direction;
  /** Both at once, in one step. */
  readonly bothDirections: Direction;
  readonly #control: GateControl;
  readonly #end: () => Promise<void>;
  #lastStatus: TcpGateStatus;
  #closing: Promise<void> | undefined;

  /** @internal */
  constructor(control: GateControl, end: () => Promise<void>) {
    this.#control = control;
    this.#end = end;
    this.toServer = new Direction(['toServer'], control);
    this.toClient = new Direction(['toClient'], control);
    this.bothDirections = new Direction(['toServer', 'toClient'], control);
    this.#lastStatus = control.latest.gate.status ?? {};
  }

  get name(): string {
    return this.#control.identity.name;
  }

  get namespace(): string {
    return this.#control.session.namespace;
  }

  /** Where clients connect, as `host:port`: in a cluster the gate's Service, else 127.0.0.1. */
  get address(): string {
    return this.status.address ?? '';
  }

  /** The host of the address. */
  get host(): string {
    return splitHostPort(this.address).host;
  }

  /** The port of the address. */
  get port(): number {
    return splitHostPort(this.address).port;
  }

  /** The status as last received: at most a moment old, except for connection counts in a cluster. */
  get status(): TcpGateStatus {
    const latest = this.#control.session.watch.get(this.name);
    if (latest?.gate.metadata.uid === this.#control.identity.uid) {
      this.#lastStatus = latest.gate.status ?? this.#lastStatus;
    }
    return this.#lastStatus;
  }

  /** What is in force, in one line; `none` without a fault. */
  get faults(): string {
    return this.status.faults ?? 'none';
  }

  /** Replaces the faults of the directions that are given, and what new connections meet if it is, in one step. */
  async set(settings: GateSettings, options: PeriodOptions = {}): Promise<void> {
    checkArgument('settings', SETTINGS, settings);
    const { toServer, toClient, newConnections } = settings;
    const call = readOptions('set()', options, { for: true });
    await this.#control.setFields({ toServer, toClient, newConnections }, call);
  }

  /** Both directions pass, and connections are accepted. */
  async reset(options: CallOptions = {}): Promise<void> {
    await this.#control.change(RESET, readOptions('reset()', options, {}));
  }

  /** New connections wait or are rejected. Open ones continue. */
  async stopAccepting(options: StopAcceptingOptions = {}): Promise<void> {
    const { how = 'Hold', ...call } = readOptions('stopAccepting()', options, { how: true });
    await this.set({ newConnections: how }, call);
  }

  /** New connections are served, and those on hold. */
  async startAccepting(options: CallOptions = {}): Promise<void> {
    await this.set({ newConnections: 'Accept' }, readOptions('startAccepting()', options, {}));
  }

  /**
   * Closes connections, once. New ones are accepted as before.
   *
   * @param options.count how many, the oldest first; default: all
   * @param options.how `Fin` (default) or `Reset`
   */
  async disconnect(options: DisconnectOptions = {}): Promise<void> {
    const known = { count: true, how: true } as const;
    const { count, how, ...call } = readOptions('disconnect()', options, known);
    if (count === 0) return;
    await this.#control.change(disconnectChange(randomUUID(), { count, how }), call);
  }

  /** New connections are refused, all open ones are closed, then both directions pass: a gate that is not there. */
  async stop(options: Omit<DisconnectOptions, 'count'> = {}): Promise<void> {
    const { how, ...rest } = readOptions('stop()', options, { how: true });
    await this.#control.inTurn(this.#control.call(rest), async (call) => {
      await this.#control.run(disconnectChange(randomUUID(), { how }, 'Refuse'), call);
      // Not in the same step: what the faults hold would pass before the connections close.
      await this.#control.run(specChange({ toServer: {}, toClient: {} }), call);
    });
  }

  /** After `stop`: connections are accepted on the same port. Faults set in between stay. */
  async start(options: CallOptions = {}): Promise<void> {
    await this.startAccepting(readOptions('start()', options, {}));
  }

  /**
   * Number of connections open at the time of the call, or a moment later. Takes a tenth of a second with `chaosgate up`.
   * In a cluster it takes up to 6 seconds, because the operator may delay a count that long; `status.connections.active`
   * is the latest known count.
   */
  async connectionsCount(options: CallOptions = {}): Promise<number> {
    const call = this.#control.call(readOptions('connectionsCount()', options, {}));
    const { key, session } = this.#control;
    const calledAt = performance.now();
    await this.#control.until(
      call,
      (latest, state) => {
        const recheckIn = trueSinceIn(calledAt, { ...latest, ...state }, session.delays);
        return recheckIn === 0 ? DONE : { recheckIn };
      },
      () => {
        throw noUpdate(key, call.timeout);
      },
    );
    // A watch that is dead without knowing it receives nothing either.
    return activeIn(await getGate(session, this.name, call));
  }

  /**
   * Resolves when at least `count` connections are open: at once if the last change reported it, otherwise as soon as it
   * is reported. An older count, which may be outdated, is accepted if no newer one arrives for as long as
   * `connectionsCount` takes, or until the call times out.
   */
  async waitForConnections(count = 1, options: CallOptions = {}): Promise<void> {
    if (!(typeof count === 'number' && count >= 0)) {
      throw new TypeError(`waitForConnections() takes a count of connections, not ${text(count)}`);
    }
    const call = this.#control.call(readOptions('waitForConnections()', options, {}));
    const { key, session, changedAt } = this.#control;
    const calledAt = performance.now();
    await this.#control.until(
      call,
      (latest, state) => {
        if (activeIn(latest.gate) < count) return WAIT;
        const times = { ...latest, ...state };
        const recheckIn = timelyIn(calledAt, changedAt, times, session.delays);
        return recheckIn === 0 ? DONE : { recheckIn };
      },
      ({ gate }) => {
        if (activeIn(gate) < count) throw tooFewConnections(key, gate, count, call.timeout);
      },
    );
  }

  /** Deletes the gate if `chaos.gate` made it, else lifts what this object has set. Harmless when done twice. */
  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

function activeIn({ status }: GateObject): number {
  return status?.connections?.active ?? 0;
}
