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
import { GateSockets } from './gateSockets.ts';
import { Listener } from './listener.ts';
import type { Resolver } from './resolver.ts';
import { type GateRules, rulesOf } from './rules.ts';
import { ignore, reset } from './sockets.ts';
import { type Undecided, UndecidedWatch } from './undecided.ts';
import { Upstream, type UpstreamState } from './upstream.ts';
import { WaitingRoom } from './waitingRoom.ts';

export interface GateOptions {
  /** Port 0 takes any; all addresses if there is no host. */
  readonly listen: { readonly port: number; readonly host?: string };
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
  /** A connection is open, so long after its client came. */
  opened?(connectMilliseconds: number): void;
  closed?(reason: CloseReason): void;
  connectFailed?(reason: UpstreamFailure): void;
  bytes?(direction: DirectionName, count: number): void;
  injected?(direction: DirectionName, fault: string): void;
  delayed?(direction: DirectionName, milliseconds: number): void;
}

export interface GateState {
  readonly connections: {
    /** Client and server are connected. */
    readonly active: number;
    /** Clients that were taken on since the start, open or not. */
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
  readonly upstream: UpstreamState;
  /** Why clients were reset at once within the last 30 seconds; undefined when none was. */
  readonly overLimit: string | undefined;
  /** Why the port cannot be had; undefined when all is as configured. */
  readonly listenError: string | undefined;
  /** The port that it listens on, or will as soon as it takes clients on. */
  readonly port: number;
}

export interface ApplyOptions {
  /** A nonce that was run elsewhere, before a restart for instance: it is not run again. */
  readonly disconnectedNonce?: string;
}

/** A gate between clients and a server: takes clients on, connects them through, and keeps to its configuration. */
export class Gate {
  readonly #options: GateOptions;
  readonly #observer: GateObserver;
  readonly #observers: Readonly<Record<DirectionName, DirectionObserver>>;
  readonly #listener: Listener;
  readonly #upstream: Upstream;
  readonly #admission: Admission;
  /** The oldest first. */
  readonly #connections = new Set<Connection>();
  /** Closed, but their sockets are not yet. */
  readonly #ending = new Set<Connection>();
  /** Clients that came while new connections are on hold, and those of them that are not served yet. */
  readonly #waiting: WaitingRoom;
  readonly #undecided = new UndecidedWatch(this.#connections, () => this.#changed());
  readonly #closing = new AbortController();
  #config: GateConfig;
  #rules: GateRules;
  #accepted = 0;
  #disconnectNonce: string | undefined;
  #disconnectClosed: number | undefined;
  #listenError: string | undefined;
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
    this.#listener = new Listener({
      ...options.listen,
      sockets,
      onClient: (client) => this.#take(client),
      onError: (error) => {
        if (this.#listenError === error) return;
        this.#listenError = error;
        this.#changed();
      },
    });
    this.#upstream = new Upstream({
      resolver: options.resolver,
      onChange: () => this.#changed(),
      onConnectFailed: (reason) => this.#observer.connectFailed?.(reason),
    });
    this.#admission = new Admission({
      limit: config.maxConnections,
      sockets,
      onChange: () => this.#changed(),
    });
    this.#waiting = new WaitingRoom({
      onChange: () => this.#changed(),
      onFull: () => {
        this.#admission.reportHeld();
        this.#observer.overLimit?.();
      },
    });
  }

  get state(): GateState {
    return {
      connections: {
        active: this.#connections.size,
        accepted: this.#accepted,
        held: this.#waiting.size,
      },
      undecided: this.#undecided.state,
      disconnectNonce: this.#disconnectNonce,
      disconnectClosed: this.#disconnectClosed,
      upstream: this.#upstream.state,
      overLimit: this.#admission.overLimit,
      listenError: this.#listenError,
      port: this.#listener.port,
    };
  }

  /** Resolves when it takes clients on, or knows why not: see `state.listenError`. It goes on trying. */
  start(): Promise<void> {
    return this.apply(this.#config);
  }

  /** Resolves when the configuration is in force on every open connection. Does nothing once the gate is closed. */
  apply(config: GateConfig, options: ApplyOptions = {}): Promise<void> {
    return this.#steps.run(() => this.#apply(config, options));
  }

  /** Takes clients on at another port; open connections stay. Until that can be had, see `state`, the old one serves. */
  listen(port: number): Promise<void> {
    return this.#steps.run(async () => {
      if (this.#closing.signal.aborted) return;
      await this.#listener.move(port);
      this.#changed();
    });
  }

  /** Takes no more clients on, closes all connections in order and frees everything. */
  async close(): Promise<void> {
    await this.#steps.idle;
    this.#closing.abort();
    this.#listener.close();
    this.#upstream.close();
    this.#undecided.run(false);
    this.#admission.close();
    this.#waiting.close();
    this.#waiting.clear();
    for (const connection of [...this.#connections]) connection.close('Fin', 'GateClosed');
    await Promise.all([...this.#ending].map((connection) => connection.gone));
  }

  async #apply(config: GateConfig, { disconnectedNonce }: ApplyOptions): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#config = config;
    this.#rules = rulesOf(config, this.#rules);
    this.#admission.limit = config.maxConnections;
    this.#upstream.setAddress(config.upstream);
    if (config.newConnections === 'Refuse') this.#listener.close();
    else await this.#listener.open();
    this.#settleWaiting();
    this.#setRules();
    this.#undecided.run([config.toServer, config.toClient].some((one) => faultsOf(one).length > 0));
    this.#disconnect(disconnectedNonce);
  }

  #setRules(): void {
    const open = [...this.#connections];
    for (const connection of open) connection.setRules(this.#rules);
    for (const connection of open) connection.refill();
  }

  /** A listening socket has let a client in. */
  #take(client: Socket): void {
    // A client may be gone at any time; its connection hears of it by listeners of its own.
    client.on('error', ignore);
    if (!this.#admission.admit(client)) {
      this.#observer.overLimit?.();
      reset(client);
      return;
    }
    // Reads a few bytes into the socket's own buffer: an end is only seen by those who read.
    client.read(0);
    if (this.#config.newConnections === 'Hold') this.#waiting.add(client);
    else if (this.#config.newConnections === 'Accept') void this.#serve(client);
    else reset(client);
  }

  /** Clients that wait are new connections still: they meet what those meet now. */
  #settleWaiting(): void {
    const { newConnections } = this.#config;
    if (newConnections === 'Accept') this.#waiting.open((client) => this.#serve(client));
    else this.#waiting.close();
    if (newConnections === 'Refuse' || newConnections === 'Reset') this.#waiting.clear();
  }

  /** Resolves when the client is connected through, or reset. */
  async #serve(client: Socket): Promise<void> {
    this.#accepted += 1;
    const number = this.#accepted;
    const start = performance.now();
    this.#observer.accepted?.();
    this.#changed();
    const leave = this.#admission.keep(client);
    try {
      const server = await this.#upstream.connect(client, this.#closing.signal, (attempt) =>
        attempt.once('close', this.#admission.keep(client)),
      );
      if (client.destroyed || this.#closing.signal.aborted) {
        reset(server);
        reset(client);
        return;
      }
      this.#observer.opened?.(performance.now() - start);
      this.#connect(client, server, number);
    } catch {
      reset(client);
    } finally {
      leave();
    }
  }

  #connect(client: Socket, server: Socket, number: number): void {
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
    this.#connections.add(connection);
    this.#changed();
    connection.start(this.#rules);
  }

  /** Once per nonce, the oldest connections first. */
  #disconnect(nonceRunElsewhere: string | undefined): void {
    const { disconnect } = this.#config;
    if (disconnect === undefined || disconnect.nonce === this.#disconnectNonce) return;
    this.#disconnectNonce = disconnect.nonce;
    this.#disconnectClosed = undefined;
    if (disconnect.nonce !== nonceRunElsewhere) {
      const chosen = [...this.#connections].slice(0, disconnect.count);
      for (const connection of chosen) connection.close(disconnect.how, 'Disconnected');
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
