import { ParsedGates } from '../api/parsedGates.ts';
import type { TcpGate } from '../api/tcpgate.ts';
import type { KubeObject } from '../kube/objects.ts';
import type { Host, Outcome } from './host.ts';
import { invalidStatus, startingStatus, statusOf } from './status.ts';
import type { StatusWriter } from './statusWriter.ts';

/** Milliseconds after which a lasting obstacle is looked at again: nothing tells when it is gone. */
const OBSTACLE_RETRY = 10_000;

export interface ReconcilerOptions {
  /** The gate as the API server has it. */
  readonly gate: (key: string) => KubeObject | undefined;
  readonly host: Host;
  readonly statuses: StatusWriter;
}

/** What a host did for a gate, complete. */
interface Done {
  readonly uid: string;
  readonly generation: number;
  readonly outcome: Outcome;
}

/** Brings the world in line with one gate at a time, and says so in the status. */
export class Reconciler {
  readonly #options: ReconcilerOptions;
  readonly #gates = new ParsedGates();
  readonly #done = new Map<string, Done>();
  /** Since the host was asked last, which may be at work yet. */
  readonly #invalidated = new Set<string>();

  constructor(options: ReconcilerOptions) {
    this.#options = options;
  }

  /** Something that the gate needs may be another thing: the next `reconcile` looks at all of it. */
  invalidate(key: string): void {
    this.#invalidated.add(key);
    this.#done.delete(key);
  }

  /**
   * Unless the gate has changed, or was invalidated, what it needs is there, and its status alone is brought up to date:
   * counts change thousands of times as often as anything else.
   *
   * @param key namespace/name of the gate, which is its identity for its proxies too
   */
  async reconcile(key: string): Promise<{ requeueAfterMs?: number }> {
    const { host, statuses } = this.#options;
    const raw = this.#options.gate(key);
    if (raw === undefined || raw.metadata.deletionTimestamp !== undefined) {
      this.#gates.forget(key);
      this.#done.delete(key);
      this.#invalidated.delete(key);
      host.remove(key);
      statuses.forget(key);
      return {};
    }
    const parsed = this.#gates.parse(key, raw);
    if (!parsed.success) {
      return statuses.write(key, raw.metadata, (previous, now) =>
        invalidStatus(raw.metadata.generation ?? 0, parsed.error, previous, now),
      );
    }

    const gate = parsed.data;
    const { uid, generation } = gate.metadata;
    const done = this.#done.get(key);
    if (done?.uid === uid && done.generation === generation) {
      return this.#writeStatus(key, raw, gate, done.outcome);
    }
    if (statuses.latest(key, uid)?.conditions === undefined) {
      await statuses.write(key, raw.metadata, (previous, now) =>
        startingStatus(generation, previous, now),
      );
    }
    const outcome = await this.#ensure(key, gate);
    const again = await this.#writeStatus(key, raw, gate, outcome);
    if (outcome.error !== undefined) throw outcome.error;
    if (outcome.obstacle === undefined) return again;
    return { requeueAfterMs: Math.min(again.requeueAfterMs ?? OBSTACLE_RETRY, OBSTACLE_RETRY) };
  }

  async #ensure(key: string, gate: TcpGate): Promise<Outcome> {
    const { host, statuses } = this.#options;
    const { uid, generation } = gate.metadata;
    this.#invalidated.delete(key);
    this.#done.delete(key);
    const outcome = await host.ensure(key, gate, statuses.latest(key, uid));
    const isDone = outcome.error === undefined && outcome.obstacle === undefined;
    if (isDone && !this.#invalidated.has(key)) this.#done.set(key, { uid, generation, outcome });
    return outcome;
  }

  #writeStatus(
    key: string,
    { metadata }: KubeObject,
    gate: TcpGate,
    { error: _, ...came }: Outcome,
  ): Promise<{ requeueAfterMs?: number }> {
    const { host, statuses } = this.#options;
    return statuses.write(key, metadata, (previous, now) =>
      // Looked at only now: a report may have come while the host was at work.
      statusOf({ gate, ...came, ...host.observe(key, gate) }, previous, now),
    );
  }
}
