import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { addProcessMetrics } from '../observe/processMetrics.ts';

const CONTROLLER = 'tcpgate';

/** Seconds; those of controller-runtime and client-go. */
const QUEUE_BUCKETS = [1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1, 10, 100];
const RECONCILE_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** The numbers of the operator, under the names that dashboards for controllers know; see docs/metrics.md. */
export class OperatorMetrics {
  readonly registry = new Registry();
  readonly #registers = { registers: [this.registry] };

  readonly #depth = new Gauge({
    name: 'workqueue_depth',
    help: 'Keys that wait.',
    labelNames: ['name'],
    ...this.#registers,
  });
  readonly #adds = new Counter({
    name: 'workqueue_adds_total',
    help: 'Keys that were added.',
    labelNames: ['name'],
    ...this.#registers,
  });
  readonly #retries = new Counter({
    name: 'workqueue_retries_total',
    help: 'Keys that were added again after a failure.',
    labelNames: ['name'],
    ...this.#registers,
  });
  readonly #queueSeconds = new Histogram({
    name: 'workqueue_queue_duration_seconds',
    help: 'Time that a key waits.',
    buckets: QUEUE_BUCKETS,
    labelNames: ['name'],
    ...this.#registers,
  });
  readonly #workSeconds = new Histogram({
    name: 'workqueue_work_duration_seconds',
    help: 'Time that a key is worked on.',
    buckets: QUEUE_BUCKETS,
    labelNames: ['name'],
    ...this.#registers,
  });
  readonly #reconciles = new Counter({
    name: 'controller_runtime_reconcile_total',
    help: 'Reconciliations by result.',
    labelNames: ['controller', 'result'],
    ...this.#registers,
  });
  readonly #reconcileErrors = new Counter({
    name: 'controller_runtime_reconcile_errors_total',
    help: 'Reconciliations that failed.',
    labelNames: ['controller'],
    ...this.#registers,
  });
  readonly #reconcileSeconds = new Histogram({
    name: 'controller_runtime_reconcile_time_seconds',
    help: 'Time of a reconciliation.',
    buckets: RECONCILE_BUCKETS,
    labelNames: ['controller'],
    ...this.#registers,
  });
  readonly #requests = new Counter({
    name: 'rest_client_requests_total',
    help: 'Requests to the API server.',
    labelNames: ['code', 'method', 'host'],
    ...this.#registers,
  });
  readonly #leader = new Gauge({
    name: 'leader_election_master_status',
    help: '1 while this process leads.',
    labelNames: ['name'],
    ...this.#registers,
  });

  readonly #lever = new Gauge({
    name: 'chaosgate_lever_engaged',
    help: "1 while the lever of a namespace is engaged; for all gates where that is the operator's.",
    labelNames: ['namespace'],
    ...this.#registers,
  });

  constructor() {
    addProcessMetrics(this.registry);
    this.#depth.set({ name: CONTROLLER }, 0);
  }

  /** Counts for the work queue. */
  readonly queue = {
    depth: (depth: number) => this.#depth.set({ name: CONTROLLER }, depth),
    added: () => this.#adds.inc({ name: CONTROLLER }),
    retried: () => this.#retries.inc({ name: CONTROLLER }),
    waited: (seconds: number) => this.#queueSeconds.observe({ name: CONTROLLER }, seconds),
    worked: (seconds: number) => this.#workSeconds.observe({ name: CONTROLLER }, seconds),
  };

  /** Times a reconciliation and counts how it ended. */
  async reconciled<T extends { requeueAfterMs?: number }>(work: () => Promise<T>): Promise<T> {
    const stop = this.#reconcileSeconds.startTimer({ controller: CONTROLLER });
    try {
      const result = await work();
      const kind = result.requeueAfterMs === undefined ? 'success' : 'requeue_after';
      this.#reconciles.inc({ controller: CONTROLLER, result: kind });
      return result;
    } catch (error) {
      this.#reconciles.inc({ controller: CONTROLLER, result: 'error' });
      this.#reconcileErrors.inc({ controller: CONTROLLER });
      throw error;
    } finally {
      stop();
    }
  }

  /** @param namespaces those in which the lever is engaged @param own the operator's */
  levered(namespaces: readonly string[], own: string): void {
    this.#lever.reset();
    this.#lever.set({ namespace: own }, 0);
    for (const namespace of namespaces) this.#lever.set({ namespace }, 1);
  }

  requested(request: { method: string; code: string; host: string }): void {
    this.#requests.inc({ ...request });
  }

  leads(lease: string, isLeader: boolean): void {
    this.#leader.set({ name: lease }, isLeader ? 1 : 0);
  }
}
