import { ParsedGates } from '../api/parsedGates.ts';
import type { TcpGate } from '../api/tcpgate.ts';
import type { KubeObject } from '../kube/objects.ts';
import type { EnsureResult, GateRuntime } from './gateRuntime.ts';
import { invalidStatus, startingStatus, statusOf } from './status.ts';
import type { StatusWriter } from './statusWriter.ts';

/** Milliseconds between retries of a terminal problem: no watch reports when it is solved. */
const PROBLEM_RETRY = 10_000;

export interface ReconcilerOptions {
  /** The gate as the API server has it. */
  readonly gate: (key: string) => KubeObject | undefined;
  readonly runtime: GateRuntime;
  readonly statuses: StatusWriter;
}

/** A gate that the runtime has fully reconciled. */
interface Reconciled {
  readonly uid: string;
  readonly generation: number;
  readonly result: EnsureResult;
}

/** Reconciles gates one at a time and writes their status. */
export class Reconciler {
  readonly #options: ReconcilerOptions;
  readonly #gates = new ParsedGates();
  readonly #reconciled = new Map<string, Reconciled>();
  /** Keys invalidated since the last `ensure` began, which may still be running. */
  readonly #invalidated = new Set<string>();

  constructor(options: ReconcilerOptions) {
    this.#options = options;
  }

  /** Something that the gate needs may have changed: the next `reconcile` checks everything. */
  invalidate(key: string): void {
    this.#invalidated.add(key);
    this.#reconciled.delete(key);
  }

  /**
   * Only updates the status unless the gate has changed or was invalidated: counts change thousands of times as often as
   * anything else.
   *
   * @param key namespace/name of the gate, which is its identity for its proxies too
   */
  async reconcile(key: string): Promise<{ requeueAfterMs?: number }> {
    const { runtime, statuses } = this.#options;
    const raw = this.#options.gate(key);
    if (raw === undefined || raw.metadata.deletionTimestamp !== undefined) {
      const left = raw === undefined ? undefined : await this.#leave(key, raw);
      if (left !== undefined) return left;
      this.#gates.forget(key);
      this.#reconciled.delete(key);
      this.#invalidated.delete(key);
      runtime.remove(key);
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
    const reconciled = this.#reconciled.get(key);
    if (reconciled?.uid === uid && reconciled.generation === generation) {
      return this.#writeStatus(key, raw, gate, reconciled.result);
    }
    if (statuses.latest(key, uid)?.conditions === undefined) {
      await statuses.write(key, raw.metadata, (previous, now) =>
        startingStatus(generation, previous, now),
      );
    }
    const result = await this.#ensure(key, gate);
    const again = await this.#writeStatus(key, raw, gate, result);
    if (result.error !== undefined) throw result.error;
    if (result.problem === undefined) return again;
    return earlier(again, result.againMilliseconds ?? PROBLEM_RETRY);
  }

  /** undefined: nothing holds the gate, which is deleted. */
  async #leave(key: string, raw: KubeObject): Promise<{ requeueAfterMs?: number } | undefined> {
    const { runtime, statuses } = this.#options;
    const result = await runtime.leave?.(key, raw, statuses.latest(key, raw.metadata.uid));
    if (result === undefined) return undefined;
    this.#reconciled.delete(key);
    const parsed = this.#gates.parse(key, raw);
    const again = parsed.success ? await this.#writeStatus(key, raw, parsed.data, result) : {};
    if (result.error !== undefined) throw result.error;
    return earlier(again, result.againMilliseconds ?? PROBLEM_RETRY);
  }

  async #ensure(key: string, gate: TcpGate): Promise<EnsureResult> {
    const { runtime, statuses } = this.#options;
    const { uid, generation } = gate.metadata;
    this.#invalidated.delete(key);
    this.#reconciled.delete(key);
    const result = await runtime.ensure(key, gate, statuses.latest(key, uid));
    const isDone = result.error === undefined && result.problem === undefined;
    if (isDone && !this.#invalidated.has(key))
      this.#reconciled.set(key, { uid, generation, result });
    return result;
  }

  #writeStatus(
    key: string,
    { metadata }: KubeObject,
    gate: TcpGate,
    { error: _, ...rest }: EnsureResult,
  ): Promise<{ requeueAfterMs?: number }> {
    const { runtime, statuses } = this.#options;
    return statuses.write(key, metadata, (previous, now) =>
      // Observed only now: a report may have arrived during `ensure`.
      statusOf({ gate, ...rest, ...runtime.observe(key, gate) }, previous, now),
    );
  }
}

function earlier(
  { requeueAfterMs = Number.POSITIVE_INFINITY }: { requeueAfterMs?: number },
  milliseconds: number,
): { requeueAfterMs: number } {
  return { requeueAfterMs: Math.min(requeueAfterMs, milliseconds) };
}
