import { expect } from 'vitest';
import { Budget } from '../../../src/gate/budget.ts';
import { CHUNK_COST } from '../../../src/gate/chunk.ts';
import { type GateConfig, gateConfig } from '../../../src/gate/config.ts';
import type { CloseReason } from '../../../src/gate/connection.ts';
import type { UpstreamFailure } from '../../../src/gate/dial.ts';
import type { DirectionName } from '../../../src/gate/directionName.ts';
import { type ApplyOptions, Gate, type GateOptions } from '../../../src/gate/gate.ts';
import { LARGEST_READ, SMALLEST_READ } from '../../../src/gate/memory.ts';
import type { PortConfig } from '../../../src/gate/portConfig.ts';
import { Resolver } from '../../../src/gate/resolver.ts';
import { atEnd } from './atEnd.ts';
import { Peer } from './peer.ts';
import { TestServer } from './server.ts';
import { until } from './time.ts';

/** What a user writes; the defaults are filled in. */
export type Patch = Readonly<Record<string, unknown>>;

/** Both ends of one connection through the gate. */
export interface Pair {
  readonly client: Peer;
  readonly server: Peer;
}

/** What the gate has told its observer. */
export interface GateEvents {
  closed: CloseReason[];
  connectFailed: UpstreamFailure[];
  injected: string[];
  delayed: number[];
  bytes: { toServer: number; toClient: number };
}

/** The most that Node reads from a socket at once. */
export const READ_BYTES = LARGEST_READ;

/** What bytes cost beside themselves when they come in pieces of a small read at least. */
export const OVERHEAD = 1 + CHUNK_COST / SMALLEST_READ;

/** Exactly so many bytes are held, in any pieces of a usual size. */
export function expectHolds(budget: Budget, bytes: number): void {
  expect(budget.used).toBeGreaterThan(bytes);
  expect(budget.used).toBeLessThan(bytes * OVERHEAD);
}

/** A gate in front of a server, both on loopback. Freed when the test ends; then nothing may be held. */
export class GateHarness {
  readonly gate: Gate;
  readonly server: TestServer;
  readonly budget: Budget;
  readonly observed: GateEvents;
  /** What the next change asks for; undefined: the port that the gate was made with. */
  ports: readonly PortConfig[] | undefined;
  #patch: Patch;

  constructor(
    gate: Gate,
    server: TestServer,
    budget: Budget,
    observed: GateEvents,
    patch: Patch,
    ports: readonly PortConfig[] | undefined,
  ) {
    this.gate = gate;
    this.server = server;
    this.budget = budget;
    this.observed = observed;
    this.ports = ports;
    this.#patch = patch;
  }

  get active(): number {
    return this.gate.state.connections.active;
  }

  /** Merges into what was set before, field by field; undefined lifts one. Resolves when it is in force. */
  set(patch: Patch, options?: ApplyOptions): Promise<void> {
    this.#patch = { ...this.#patch, ...patch };
    return this.gate.apply(this.config, { ports: this.ports, ...options });
  }

  get config(): GateConfig {
    return gateConfig.parse(this.#patch);
  }

  /** A client that the gate has let in. */
  connect(): Promise<Peer> {
    return Peer.connect(this.gate.state.port);
  }

  /** A client and its end at the server. */
  async open(): Promise<Pair> {
    const [client, server] = await Promise.all([this.connect(), this.server.accept()]);
    return { client, server };
  }

  /** So many, one after the other: the first is the oldest. */
  openMany(count: 2): Promise<[Pair, Pair]>;
  openMany(count: 3): Promise<[Pair, Pair, Pair]>;
  openMany(count: number): Promise<Pair[]>;
  async openMany(count: number): Promise<Pair[]> {
    const { active } = this;
    const pairs: Pair[] = [];
    for (let index = 0; index < count; index += 1) pairs.push(await this.open());
    await this.counts(active + count);
    return pairs;
  }

  /** Waits until the gate counts so many open connections. */
  counts(active: number): Promise<void> {
    return until(
      () => `${active} open connections, it has ${this.active}`,
      () => this.active === active,
    );
  }

  /** Waits until the gate has read so many bytes of that direction, over all connections. */
  async reads(direction: DirectionName, count: number): Promise<void> {
    await until(
      () =>
        `${count} bytes ${direction} in the gate, it has read ${this.observed.bytes[direction]}`,
      () => this.observed.bytes[direction] >= count,
    );
    expect(this.observed.bytes[direction]).toBe(count);
  }

  /** As many bytes are held as the bound says, and not more than the reads that may overrun it. */
  expectHeld(bound: number, reads = 1): void {
    expect(this.budget.used).toBeGreaterThanOrEqual(bound);
    expect(this.budget.used).toBeLessThanOrEqual((bound + reads * READ_BYTES) * OVERHEAD);
  }

  async close(): Promise<void> {
    const closed = this.gate.close();
    // Else the gate would wait for its ends to close in order.
    this.server.close();
    await closed;
    expect(this.active).toBe(0);
    expect(this.budget.used).toBe(0);
  }
}

/** @param options what differs from large bounds and a port of its own */
export async function startHarness(
  patch: Patch = {},
  {
    processBytes = 2 ** 30,
    server,
    ports,
    ...options
  }: Partial<GateOptions> & {
    processBytes?: number;
    server?: TestServer;
    ports?: readonly PortConfig[];
  } = {},
): Promise<GateHarness> {
  const upstream = server ?? (await TestServer.listen());
  const observed: GateEvents = {
    closed: [],
    connectFailed: [],
    injected: [],
    delayed: [],
    bytes: { toServer: 0, toClient: 0 },
  };
  const budget = new Budget(processBytes);
  const full: Patch = { upstream: { host: '127.0.0.1', port: upstream.port }, ...patch };
  const gate = new Gate(gateConfig.parse(full), {
    listen: { port: 0, host: '127.0.0.1' },
    connectionBytes: 16 * 2 ** 20,
    budget,
    resolver: new Resolver(),
    observer: {
      closed: (reason) => observed.closed.push(reason),
      connectFailed: (reason) => observed.connectFailed.push(reason),
      injected: (direction, fault) => observed.injected.push(`${direction} ${fault}`),
      delayed: (_, milliseconds) => observed.delayed.push(milliseconds),
      bytes: (direction, count) => {
        observed.bytes[direction] += count;
      },
    },
    ...options,
  });
  const harness = new GateHarness(gate, upstream, budget, observed, full, ports);
  atEnd(() => harness.close());
  await gate.start({ ports });
  return harness;
}
