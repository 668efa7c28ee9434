import { API_VERSION, KIND } from '../api/names.ts';
import type { TcpGateStatus } from '../api/status.ts';
import { tcpGateStatus } from '../api/status.ts';
import type { Kube } from '../kube/client.ts';
import { isNotFound } from '../kube/errors.ts';
import type { KubeObject, ObjectMeta } from '../kube/objects.ts';
import { MANAGER } from './desired/common.ts';
import { TCP_GATES } from './resources.ts';
import {
  type DecideWrite,
  decideWrite,
  NO_WRITES,
  recordDecision,
  type WriteHistory,
} from './statusSchedule.ts';

/** What was written last for a gate: newer than the cache, which hears of it later. */
interface Written {
  readonly uid: string | undefined;
  readonly status: TcpGateStatus | undefined;
  readonly history: WriteHistory;
}

export interface StatusWriterOptions {
  readonly kube: Pick<Kube, 'applyStatus'>;
  readonly cached: (key: string) => KubeObject | undefined;
  /** When to write. Default: `decideWrite`, which spares an API server that others use too. */
  readonly decide?: DecideWrite;
  /** A status was written over another one. */
  readonly onWritten: (
    gate: ObjectMeta,
    before: TcpGateStatus | undefined,
    after: TcpGateStatus,
  ) => void;
}

/** Writes statuses when `decide` says so. */
export class StatusWriter {
  readonly #options: StatusWriterOptions;
  readonly #decide: DecideWrite;
  readonly #written = new Map<string, Written>();

  constructor(options: StatusWriterOptions) {
    this.#options = options;
    this.#decide = options.decide ?? decideWrite;
  }

  /** The newest status that is known of the gate with that uid. */
  latest(key: string, uid: string | undefined): TcpGateStatus | undefined {
    const written = this.#written.get(key);
    if (written !== undefined && written.uid === uid) return written.status;
    const cached = this.#options.cached(key) as (KubeObject & { status?: unknown }) | undefined;
    return tcpGateStatus.optional().catch(undefined).parse(cached?.status);
  }

  /** Writes the status that `compute` makes of the latest one, now or at a better time. */
  async write(
    key: string,
    metadata: ObjectMeta,
    compute: (previous: TcpGateStatus | undefined, now: Date) => TcpGateStatus,
  ): Promise<{ requeueAfterMs?: number }> {
    const before = this.latest(key, metadata.uid);
    const known = this.#written.get(key);
    const history = known?.uid === metadata.uid ? (known?.history ?? NO_WRITES) : NO_WRITES;
    const after = compute(before, new Date());
    const now = performance.now();
    const decision = this.#decide(before, after, history, now);
    const remember = (status: TcpGateStatus | undefined) =>
      this.#written.set(key, {
        uid: metadata.uid,
        status,
        history: recordDecision(history, decision, now),
      });
    if (decision !== 'write') {
      remember(before);
      return decision === 'nothing' ? {} : { requeueAfterMs: decision.waitMs };
    }
    if (!(await this.#apply(metadata, after))) return {};
    remember(after);
    this.#options.onWritten(metadata, before, after);
    return {};
  }

  forget(key: string): void {
    this.#written.delete(key);
  }

  /** False when the gate is gone. */
  async #apply({ name, namespace }: ObjectMeta, status: TcpGateStatus): Promise<boolean> {
    const object = {
      apiVersion: API_VERSION,
      kind: KIND,
      metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
      status,
    };
    try {
      await this.#options.kube.applyStatus(TCP_GATES, object, {
        fieldManager: MANAGER,
        force: true,
      });
      return true;
    } catch (error) {
      if (isNotFound(error)) return false;
      throw error;
    }
  }
}
