import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { DirectionName } from '../gate/directionName.ts';
import type { GateGauges, GateLabels, GateNumbers, Numbers } from './numbers.ts';
import { Tally } from './tally.ts';

const DIRECTIONS = ['toServer', 'toClient'] as const satisfies DirectionName[];

const GATE = ['namespace', 'gate'] as const;

/** Seconds. Loopback connects in under a millisecond, a saturated server in the connect timeout. */
const CONNECT_BUCKETS = [0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10];
const APPLY_BUCKETS = [0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1];
const DELAY_BUCKETS = [0.001, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60];

/** The numbers of the gates of a process; docs/metrics.md explains each. */
export class GateMetrics implements Numbers {
  readonly registry = new Registry();
  readonly #gates = new Map<GateLabels, GateGauges>();
  /** Add to the counters what was counted since, for each gate. */
  readonly #settle = new Map<GateLabels, () => void>();
  /** Whose series go with their gate; a gauge's are read from those that are there. */
  readonly #series: (Counter | Histogram)[] = [];

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
    this.#gauge(
      'connections_active',
      'Connections that are open now.',
      ({ state }) => state()?.connections.active ?? 0,
    );
    this.#gauge(
      'connections_held',
      'Clients that newConnections Hold keeps waiting.',
      ({ state }) => state()?.connections.held ?? 0,
    );
    this.#gauge(
      'config_generation',
      'Generation of the TcpGate that every open connection runs.',
      ({ generation }) => generation(),
    );
    this.#gauge('faults_active', '1 while faults are in force.', ({ isFaulty }) =>
      Number(isFaulty()),
    );
    this.#gauge(
      'faults_remaining_seconds',
      'Time until the faults that are in force end; absent where none are, or nothing ends them.',
      ({ secondsLeft }) => secondsLeft(),
    );
  }

  /** Starts the numbers of a gate. */
  add(labels: GateLabels, gauges: GateGauges): GateNumbers {
    const traffic = { toServer: 0, toClient: 0 };
    const counted = { ...traffic };
    const injections = {
      toServer: new Tally<string>(),
      toClient: new Tally<string>(),
    };
    this.#gates.set(labels, gauges);
    this.#settle.set(labels, () => {
      for (const direction of DIRECTIONS) {
        const bytes = traffic[direction] - counted[direction];
        counted[direction] += bytes;
        if (bytes > 0) this.#bytes.inc({ ...labels, direction }, bytes);
        for (const [fault, count] of injections[direction].take()) {
          this.#injections.inc({ ...labels, direction, fault }, count);
        }
      }
    });
    return {
      traffic,
      observer: {
        accepted: () => this.#accepted.inc({ ...labels }),
        overLimit: () => this.#overLimit.inc({ ...labels }),
        opened: (milliseconds) => this.#connectSeconds.observe({ ...labels }, milliseconds / 1_000),
        closed: (reason) => this.#closed.inc({ ...labels, reason }),
        bytes: (direction, count) => {
          traffic[direction] += count;
        },
        injected: (direction, fault) => injections[direction].add(fault),
        delayed: (direction, milliseconds) =>
          this.#delaySeconds.observe({ ...labels, direction }, milliseconds / 1_000),
        connectFailed: (reason) => this.#connectFailures.inc({ ...labels, reason }),
      },
      applied: (seconds) => this.#applySeconds.observe({ ...labels }, seconds),
      remove: () => this.#remove(labels),
    };
  }

  async #remove(labels: GateLabels): Promise<void> {
    this.#gates.delete(labels);
    this.#settle.delete(labels);
    const isOf = ({ namespace, gate }: Partial<GateLabels>) =>
      namespace === labels.namespace && gate === labels.gate;
    if ([...this.#gates.keys()].some(isOf)) return;
    for (const metric of this.#series) {
      for (const { labels: series } of (await metric.get()).values) {
        // Of a bucket, which is no series of its own.
        const { le: _, ...own } = series as Record<string, string>;
        if (isOf(own)) metric.remove(own);
      }
    }
  }

  #counter(name: string, help: string, ...labels: string[]) {
    const settle = () => {
      for (const settle of this.#settle.values()) settle();
    };
    const counter = new Counter({
      name: `chaosgate_${name}`,
      help,
      labelNames: [...GATE, ...labels],
      registers: [this.registry],
      collect: settle,
    });
    this.#series.push(counter);
    return counter;
  }

  #histogram(name: string, help: string, buckets: number[], ...labels: string[]) {
    const histogram = new Histogram({
      name: `chaosgate_${name}`,
      help,
      buckets,
      labelNames: [...GATE, ...labels],
      registers: [this.registry],
    });
    this.#series.push(histogram);
    return histogram;
  }

  /** @param read undefined: there is no such number of that gate now */
  #gauge(name: string, help: string, read: (gauges: GateGauges) => number | undefined): void {
    const gates = this.#gates;
    new Gauge({
      name: `chaosgate_${name}`,
      help,
      labelNames: GATE,
      registers: [this.registry],
      collect() {
        this.reset();
        for (const [labels, gauges] of gates) {
          const value = read(gauges);
          if (value !== undefined) this.set({ ...labels }, value);
        }
      },
    });
  }
}
