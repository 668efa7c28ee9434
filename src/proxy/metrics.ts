import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { DirectionName } from '../gate/directionName.ts';
import type { GateObserver, GateState } from '../gate/gate.ts';
import { version } from '../observe/version.ts';
import { Tally } from './tally.ts';

/** Which gate a number belongs to. */
interface GateLabels {
  readonly namespace: string;
  readonly gate: string;
}

/** What is read from a gate at the moment that someone asks. */
export interface GateGauges {
  state(): GateState | undefined;
  generation(): number;
}

const GATE = ['namespace', 'gate'] as const;

/** Seconds. Loopback connects in under a millisecond, a saturated server in the connect timeout. */
const CONNECT_BUCKETS = [0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10];
const APPLY_BUCKETS = [0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1];
const DELAY_BUCKETS = [0.001, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60];

/** The numbers of a proxy process; docs/metrics.md explains each. */
export class ProxyMetrics {
  readonly registry = new Registry();
  readonly #gates = new Map<GateLabels, GateGauges>();
  /** Add to the counters what has not been added yet. */
  readonly #tallies: (() => void)[] = [];

  readonly #accepted = this.#counter('connections_accepted_total', 'Client connections accepted.');
  readonly #overLimit = this.#counter(
    'connections_over_limit_total',
    'Client connections reset at the limit of connections.',
  );
  readonly #closed = this.#counter('connections_closed_total', 'Connections that ended.', 'reason');
  readonly #bytes = this.#counter('bytes_total', 'Bytes read from the sending end.', 'direction');
  readonly #injections = this.#counter(
    'fault_injections_total',
    'Runs of bytes that a fault was applied to.',
    'direction',
    'fault',
  );
  readonly #connectFailures = this.#counter(
    'upstream_connect_failures_total',
    'Connection attempts to the upstream that failed.',
    'reason',
  );
  readonly #connectSeconds = this.#histogram(
    'upstream_connect_duration_seconds',
    'Time to resolve and connect to the upstream.',
    CONNECT_BUCKETS,
  );
  readonly #delaySeconds = this.#histogram(
    'injected_delay_seconds',
    'Time that bytes were held by faults.',
    DELAY_BUCKETS,
    'direction',
  );
  readonly #applySeconds = this.#histogram(
    'config_apply_duration_seconds',
    'Time from a snapshot to its effect on every open connection.',
    APPLY_BUCKETS,
  );

  constructor() {
    const registers = [this.registry];
    collectDefaultMetrics({ register: this.registry });
    new Gauge({
      name: 'chaosgate_build_info',
      help: 'Always 1; what runs is in the labels.',
      labelNames: ['version', 'node'],
      registers,
    }).set({ version, node: process.version }, 1);
    this.#gauge(
      'connections_active',
      'Connections that are open now.',
      ({ state }) => state()?.connections.active,
    );
    this.#gauge(
      'connections_held',
      'Clients that newConnections Hold keeps waiting.',
      ({ state }) => state()?.connections.held,
    );
    this.#gauge(
      'config_generation',
      'Generation of the TcpGate that every open connection runs.',
      ({ generation }) => generation(),
    );
  }

  /** Starts the numbers of a gate: the observer counts for it. */
  add(
    labels: GateLabels,
    gauges: GateGauges,
  ): Omit<GateObserver, 'changed'> & { applied(seconds: number): void } {
    this.#gates.set(labels, gauges);
    const bytes = this.#tally<DirectionName>(this.#bytes, (direction) => ({
      ...labels,
      direction,
    }));
    const injections = (direction: DirectionName) =>
      this.#tally(this.#injections, (fault) => ({ ...labels, direction, fault }));
    const injected = { toServer: injections('toServer'), toClient: injections('toClient') };
    return {
      accepted: () => this.#accepted.inc({ ...labels }),
      overLimit: () => this.#overLimit.inc({ ...labels }),
      opened: (milliseconds) => this.#connectSeconds.observe({ ...labels }, milliseconds / 1_000),
      closed: (reason) => this.#closed.inc({ ...labels, reason }),
      bytes: (direction, count) => bytes.add(direction, count),
      injected: (direction, fault) => injected[direction].add(fault),
      delayed: (direction, milliseconds) =>
        this.#delaySeconds.observe({ ...labels, direction }, milliseconds / 1_000),
      connectFailed: (reason) => this.#connectFailures.inc({ ...labels, reason }),
      applied: (seconds) => this.#applySeconds.observe({ ...labels }, seconds),
    };
  }

  /** Of what is counted too often to do it in the counter. */
  #tally<Name extends string>(counter: Counter, labelsOf: (name: Name) => Record<string, string>) {
    const tally = new Tally<Name>();
    this.#tallies.push(() => {
      for (const [name, count] of tally.take()) counter.inc(labelsOf(name), count);
    });
    return tally;
  }

  #counter(name: string, help: string, ...labels: string[]) {
    const settle = () => {
      for (const add of this.#tallies) add();
    };
    return new Counter({
      name: `chaosgate_${name}`,
      help,
      labelNames: [...GATE, ...labels],
      registers: [this.registry],
      collect: settle,
    });
  }

  #histogram(name: string, help: string, buckets: number[], ...labels: string[]) {
    return new Histogram({
      name: `chaosgate_${name}`,
      help,
      buckets,
      labelNames: [...GATE, ...labels],
      registers: [this.registry],
    });
  }

  #gauge(name: string, help: string, read: (gauges: GateGauges) => number | undefined): void {
    const gates = this.#gates;
    new Gauge({
      name: `chaosgate_${name}`,
      help,
      labelNames: GATE,
      registers: [this.registry],
      collect() {
        for (const [labels, gauges] of gates) this.set({ ...labels }, read(gauges) ?? 0);
      },
    });
  }
}
