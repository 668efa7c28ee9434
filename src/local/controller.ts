import { API_VERSION, KIND, PLURAL } from '../api/names.ts';
import { objectIn } from '../json/json.ts';
import { EventRecorder } from '../kube/eventRecorder.ts';
import type { KubeObject, ObjectMeta } from '../kube/objects.ts';
import { WorkQueue } from '../kube/workQueue.ts';
import type { Change } from '../kubeapi/store/history.ts';
import type { Store } from '../kubeapi/store/store.ts';
import { Repeats } from '../observe/repeats.ts';
import { MANAGER } from '../operator/desired/common.ts';
import { type Happening, happenings, statusPutBack } from '../operator/events.ts';
import { Reconciler } from '../operator/reconciler.ts';
import { decideSoon } from '../operator/statusSchedule.ts';
import { FOREIGN_STATUS_DELAY, StatusWriter } from '../operator/statusWriter.ts';
import { LocalHost } from './host.ts';
import type { InProcessKube } from './inProcessKube.ts';

export interface ControllerOptions {
  readonly store: Store;
  readonly kube: InProcessKube;
  /** Address that the gates listen on. */
  readonly listen: string;
  /** Something failed that nobody is told of otherwise. */
  onError(error: unknown): void;
}

/** Nothing that a gate needs here makes it wait for long; a name to resolve is the worst. */
const CONCURRENCY = 16;

/** Milliseconds in which whatever changes in a gate is looked at once. */
const GATHER = 10;

/** Keeps every TcpGate of the store as its spec says, as the operator does in a cluster, from `start` to `stop`. */
export class Controller {
  readonly host: LocalHost;
  readonly #store: Store;
  readonly #queue: WorkQueue;
  readonly #events: EventRecorder;
  readonly #statuses: StatusWriter;
  readonly #reconciler: Reconciler;
  readonly #failures = new Repeats();
  #unsubscribe = () => {};

  constructor({ store, kube, listen, onError }: ControllerOptions) {
    this.#store = store;
    this.host = new LocalHost({ listen, onChange: (key) => this.#queue.addAfter(key, GATHER) });
    this.#events = new EventRecorder({
      kube,
      controller: MANAGER,
      instance: 'local',
      onError,
    });
    const gate = (key: string) =>
      store.collection(PLURAL).get(key) as unknown as KubeObject | undefined;
    this.#statuses = new StatusWriter({
      kube,
      cached: gate,
      decide: decideSoon,
      onWritten: (metadata, before, after) => this.#tell(metadata, happenings(before, after)),
      onPutBack: (metadata, ...change) => this.#tell(metadata, [statusPutBack(...change)]),
    });
    this.#reconciler = new Reconciler({ gate, host: this.host, statuses: this.#statuses });
    this.#queue = new WorkQueue({
      work: (key) => this.#reconciler.reconcile(key),
      concurrency: CONCURRENCY,
      onError: (key, error) =>
        this.#failures.tell(error.message, key, ({ times }) =>
          onError(times === 1 ? error : new Error(`${error.message} (${times} times)`)),
        ),
    });
  }

  start(): void {
    const gates = this.#store.collection(PLURAL);
    this.#unsubscribe = gates.subscribe((change) => {
      const { key, after } = change;
      if (concernsOperator(change)) {
        this.#reconciler.invalidate(key);
        this.#queue.add(key);
      } else if (this.#statuses.isForeign(key, after as unknown as KubeObject)) {
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
    await this.host.close();
    await this.#events.stop();
  }

  #tell(gate: ObjectMeta, found: readonly Happening[]): void {
    for (const happening of found) {
      this.#events.record(
        { apiVersion: API_VERSION, kind: KIND, ...gate },
        { ...happening, action: 'Reconcile' },
      );
    }
  }
}

/** Statuses are the operator's own writes. */
function concernsOperator({ before, after }: Change): boolean {
  const was = objectIn(before, 'metadata');
  const is = objectIn(after, 'metadata');
  return (['uid', 'generation', 'deletionTimestamp'] as const).some(
    (field) => was[field] !== is[field],
  );
}
