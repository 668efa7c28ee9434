import type { Socket } from 'node:net';
import { Sequence } from '../async/sequence.ts';
import { systemClock } from '../time/clock.ts';
import { Admission } from './admission.ts';
import type { Budget } from './budget.ts';
import type { GateConfig } from './config.ts';
import { type CloseReason, Connection } from './connection.ts';
import type { UpstreamFailure } from './dial.ts';
import type { DirectionObserver } from './direction.ts';
import type { DirectionName } from './directionName.ts';
import { faultsOf } from './faults/configured.ts';
import type { GatePort } from './gatePort.ts';
import { GatePorts, type GatePortsOptions, type GatePortsState } from './gatePorts.ts';
import { GateSockets } from './gateSockets.ts';
import type { PortConfig } from './portConfig.ts';
import type { Resolver } from './resolver.ts';
import { type GateRules, rulesOf, UNTOUCHED } from './rules.ts';
import { reset } from './sockets.ts';
import { type Undecided, UndecidedWatch } from './undecided.ts';

export interface GateOptions {
  /** The port where no others are applied; 0 takes any. All addresses if there is no host. */
  readonly listen: GatePortsOptions['listen'];
  /** Bytes that one direction of one connection may hold; backpressure past it. */
  readonly connectionBytes: number;
  /** Shared by all gates of a process. */
  readonly budget: Budget;
  readonly resolver: Resolver;
  /** Shared by all gates of a process. Default: no bound. */
  readonly sockets?: GateSockets;
  readonly observer?: GateObserver;
}

/** Told of what happens in a gate, at once; must return soon and not throw. */
export interface GateObserver {
  /** Any part of the state is another one. */
  changed?(): void;
  accepted?(): void;
  /** A client was reset, because there are as many as there may be. */
  overLimit?(): void;
  /** A connection is open, this long after its client arrived. */
  opened?(connectMilliseconds: number): void;
  closed?(reason: CloseReason): void;
  connectFailed?(reason: UpstreamFailure): void;
  bytes?(direction: DirectionName, count: number): void;
  injected?(direction: DirectionName, fault: string): void;
  delayed?(direction: DirectionName, milliseconds: number): void;
}

export interface GateState extends Omit<GatePortsState, 'held'> {
  readonly connections: {
    /** Client and server are connected. */
    readonly active: number;
    /** Clients accepted since the start, open or not. */
    readonly accepted: number;
    /** Clients that `newConnections: Hold` keeps waiting. */
    readonly held: number;
  };
  /** What faults hold because it may belong to a match, on connections on which nothing has come for a second. */
  readonly undecided: Undecided;
  /** The last nonce of `disconnect` that was run. */
  readonly disconnectNonce: string | undefined;
  /** Connections that it closed; undefined when it was run elsewhere. */
  readonly disconnectClosed: number | undefined;
  /** Why clients were reset at once within the last 30 seconds; undefined when none was. */
  readonly overLimit: string | undefined;
}

export interface ApplyOptions {
  /** What the gate listens on, in place of the port that it was made with. One gate still: its ports share all else. */
  readonly ports?: readonly PortConfig[] | undefined;
  /** A nonce that was run elsewhere, before a restart for instance: it is not run again. */
  readonly disconnectedNonce?: string | undefined;
}

/** A gate between clients and a server: accepts clients, connects them to the server, and applies its configuration. */
export class Gate {
  readonly #options: GateOptions;
  readonly #observer: GateObserver;
  readonly #observers: Readonly<Record<DirectionName, DirectionObserver>>;
  readonly #ports: GatePorts;
  readonly #admission: Admission;
  /** The oldest first, each with the port that it came in by. */
  readonly #connections = new Map<Connection, GatePort>();
  /** Closed, but their sockets are not yet. */
  readonly #ending = new Set<Connection>();
  readonly #undecided = new UndecidedWatch(
    () => this.#connections.keys(),
    () => this.#changed(),
  );
  readonly #closing = new AbortController();
  #config: GateConfig;
  #rules: GateRules;
  #accepted = 0;
  #disconnectNonce: string | undefined;
  #disconnectClosed: number | undefined;
  readonly #steps = new Sequence();

  constructor(config: GateConfig, options: GateOptions) {
    this.#config = config;
    this.#rules = rulesOf(config, undefined);
    const { sockets = GateSockets.UNBOUNDED } = options;
    this.#options = options;
    this.#observer = options.observer ?? {};
    this.#observers = {
      toServer: directionObserver('toServer', this.#observer),
      toClient: directionObserver('toClient', this.#observer),
    };
    this.#ports = new GatePorts({
      listen: options.listen,
      sockets,
      resolver: options.resolver,
      admit: (client) => this.#admit(client),
      serve: (client, port) => this.#serve(client, port),
      onChange: () => this.#changed(),
      onConnectFailed: (reason) => this.#observer.connectFailed?.(reason),
      onFull: () => {
        this.#admission.reportHeld();
        this.#observer.overLimit?.();
      },
    });
    this.#admission = new Admission({
      limit: config.maxConnections,
      sockets,
      onChange: () => this.#changed(),
    });
  }

  get state(): GateState {
    const { held, ...ports } = this.#ports.state;
    return {
      ...ports,
      connections: { active: this.#connections.size, accepted: this.#accepted, held },
      undecided: this.#undecided.state,
      disconnectNonce: this.#disconnectNonce,
      disconnectClosed: this.#disconnectClosed,
      overLimit: this.#admission.overLimit,
    };
  }

  /** Resolves when it accepts clients, or knows why not: see `state.listenError`. It keeps trying. */
  start(options?: ApplyOptions): Promise<void> {
    return this.apply(this.#config, options);
  }

  /** Resolves when the configuration is in force on every open connection. Does nothing once the gate is closed. */
  apply(config: GateConfig, options: ApplyOptions = {}): Promise<void> {
    return this.#steps.run(() => this.#apply(config, options));
  }

  /**
   * Moves to another port, unless those of `ApplyOptions` are in force; open connections stay. Until the new port is
   * available, see `state`, the old one serves.
   */
  listen(port: number): Promise<void> {
    return this.#steps.run(async () => {
      if (this.#closing.signal.aborted) return;
      await this.#ports.move(port);
    });
  }

  /** Takes no more clients on, closes all connections in order and frees everything. */
  async close(): Promise<void> {
    await this.#steps.idle;
    this.#closing.abort();
    this.#ports.close();
    this.#undecided.run(false);
    this.#admission.close();
    for (const connection of [...this.#connections.keys()]) connection.close('Fin', 'GateClosed');
    await Promise.all([...this.#ending].map((connection) => connection.gone));
  }

  async #apply(config: GateConfig, { ports, disconnectedNonce }: ApplyOptions): Promise<void> {
    if (this.#closing.signal.aborted) return;
    const plan = this.#ports.plan(config, ports);
    this.#config = config;
    this.#rules = rulesOf(config, this.#rules);
    this.#admission.limit = config.maxConnections;
    await this.#ports.apply(config, plan);
    this.#ports.settle();
    this.#setRules();
    this.#undecided.run([config.toServer, config.toClient].some((one) => faultsOf(one).length > 0));
    this.#disconnect(disconnectedNonce);
  }

  #setRules(): void {
    const open = [...this.#connections];
    for (const [connection, port] of open) connection.setRules(this.#rulesOf(port));
    for (const [connection] of open) connection.refill();
  }

  #rulesOf({ isTouched }: GatePort): GateRules {
    return isTouched ? this.#rules : UNTOUCHED;
  }

  #admit(client: Socket): boolean {
    const isAdmitted = this.#admission.admit(client);
    if (!isAdmitted) this.#observer.overLimit?.();
    return isAdmitted;
  }

  /** Resolves when the client is connected through, or reset. */
  async #serve(client: Socket, port: GatePort): Promise<void> {
    this.#accepted += 1;
    const number = this.#accepted;
    const start = performance.now();
    this.#observer.accepted?.();
    this.#changed();
    const leave = this.#admission.keep(client);
    try {
      const server = await port.connect(client, this.#closing.signal, (attempt) =>
        attempt.once('close', this.#admission.keep(client)),
      );
      if (client.destroyed || this.#closing.signal.aborted) {
        reset(server);
        reset(client);
        return;
      }
      this.#observer.opened?.(performance.now() - start);
      this.#connect(client, server, number, port);
    } catch {
      reset(client);
    } finally {
      leave();
    }
  }

  #connect(client: Socket, server: Socket, number: number, port: GatePort): void {
    const { connectionBytes, budget } = this.#options;
    const connection: Connection = new Connection({
      client,
      server,
      number,
      clock: systemClock,
      connectionBytes,
      budget,
      share: this,
      observers: this.#observers,
      onClose: (reason) => {
        this.#connections.delete(connection);
        this.#ending.add(connection);
        void connection.gone.then(() => this.#ending.delete(connection));
        this.#observer.closed?.(reason);
        this.#changed();
      },
    });
    this.#connections.set(connection, port);
    this.#changed();
    connection.start(this.#rulesOf(port));
  }

  /** Once per nonce, the oldest connections first. */
  #disconnect(nonceRunElsewhere: string | undefined): void {
    const { disconnect } = this.#config;
    if (disconnect === undefined || disconnect.nonce === this.#disconnectNonce) return;
    this.#disconnectNonce = disconnect.nonce;
    this.#disconnectClosed = undefined;
    if (disconnect.nonce !== nonceRunElsewhere) {
      const touched = [...this.#connections].filter(([, { isTouched }]) => isTouched);
      const chosen = touched.slice(0, disconnect.count);
      for (const [connection] of chosen) connection.close(disconnect.how, 'Disconnected');
      this.#disconnectClosed = chosen.length;
    }
    this.#changed();
  }

  #changed(): void {
    this.#observer.changed?.();
  }
}

function directionObserver(name: DirectionName, observer: GateObserver): DirectionObserver {
  return {
    bytes: (count) => observer.bytes?.(name, count),
    injected: (fault) => observer.injected?.(name, fault),
    delayed: (milliseconds) => observer.delayed?.(name, milliseconds),
  };
}
