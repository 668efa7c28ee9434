import { PLURAL } from '../api/names.ts';
import type { JsonObject } from '../json/json.ts';
import type { KubeObject } from '../kube/objects.ts';
import { WorkQueue } from '../kube/workQueue.ts';
import type { Store } from '../kubeapi/store/store.ts';
import { Repeats } from '../observe/repeats.ts';
import { eventsBetween, statusRestored } from '../operator/events.ts';
import { concernsOperator } from '../operator/gateChange.ts';
import { GateEvents } from '../operator/gateEvents.ts';
import { Reconciler } from '../operator/reconciler.ts';
import { decideLocalWrite } from '../operator/statusSchedule.ts';
import { FOREIGN_STATUS_DELAY, StatusWriter } from '../operator/statusWriter.ts';
import type { InProcessKube } from './inProcessKube.ts';
import { LocalRuntime, type LocalRuntimeOptions } from './localRuntime.ts';

export interface ControllerOptions extends Omit<LocalRuntimeOptions, 'onChange'> {
  readonly store: Store;
  readonly kube: InProcessKube;
  /** An internal failure that is not reported elsewhere. */
  onError(error: unknown): void;
}

/** Nothing that a gate needs here makes it wait for long; a name to resolve is the worst. */
const CONCURRENCY = 16;

/** Milliseconds in which several changes of a gate are processed as one. */
const GATHER = 10;

/** Keeps every TcpGate of the store as its spec says, as the operator does in a cluster, from `start` to `stop`. */
export class Controller {
  readonly runtime: LocalRuntime;
  readonly #store: Store;
  readonly #queue: WorkQueue;
  readonly #events: GateEvents;
  readonly #statuses: StatusWriter;
  readonly #reconciler: Reconciler;
  readonly #failures = new Repeats();
  #unsubscribe = () => {};

  constructor({ store, kube, onError, ...runtimeOptions }: ControllerOptions) {
    this.#store = store;
    this.runtime = new LocalRuntime({
      ...runtimeOptions,
      onChange: (key) => this.#queue.addAfter(key, GATHER),
    });
    this.#events = new GateEvents({ kube, instance: 'local', onError });
    const events = this.#events;
    const gate = (key: string) => asGate(store.collection(PLURAL).get(key));
    this.#statuses = new StatusWriter({
      kube,
      cached: gate,
      decide: decideLocalWrite,
      onWritten: (metadata, before, after) => events.record(metadata, eventsBetween(before, after)),
      onRestored: (metadata, ...change) => events.record(metadata, [statusRestored(...change)]),
    });
    this.#reconciler = new Reconciler({ gate, runtime: this.runtime, statuses: this.#statuses });
    this.#queue = new WorkQueue({
      work: (key) => this.#reconciler.reconcile(key),
      concurrency: CONCURRENCY,
      onError: (key, error) =>
        this.#failures.report(error.message, key, ({ times }) =>
          onError(times === 1 ? error : new Error(`${error.message} (${times} times)`)),
        ),
    });
  }

  start(): void {
    const gates = this.#store.collection(PLURAL);
    this.#unsubscribe = gates.subscribe(({ key, before, after }) => {
      const current = asGate(after);
      if (concernsOperator(current, asGate(before))) {
        this.#reconciler.invalidate(key);
        this.#queue.add(key);
      } else if (current !== undefined && this.#statuses.isForeign(key, current)) {
        this.#queue.addAfter(key, FOREIGN_STATUS_DELAY);
      }
    });
    for (const [key] of gates.entries()) this.#queue.add(key);
  }

  /** Closes all gates in order. */
  async stop(): Promise<void> {
    this.#unsubscribe();
    await this.#queue.stop();
    this.#failures.stop();
    await this.runtime.close();
    await this.#events.stop();
  }
}

/** The store holds what was validated. */
function asGate(object: JsonObject | undefined): KubeObject | undefined {
  return object as unknown as KubeObject | undefined;
}
