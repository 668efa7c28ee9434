import { ParsedGates } from '../api/parsedGates.ts';
import type { KubeObject } from '../kube/objects.ts';
import type { Host } from './host.ts';
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

/** Brings the world in line with one gate at a time, and says so in the status. */
export class Reconciler {
  readonly #options: ReconcilerOptions;
  readonly #gates = new ParsedGates();

  constructor(options: ReconcilerOptions) {
    this.#options = options;
  }

  /** @param key namespace/name of the gate, which is its identity for its proxies too */
  async reconcile(key: string): Promise<{ requeueAfterMs?: number }> {
    const { host, statuses } = this.#options;
    const raw = this.#options.gate(key);
    if (raw === undefined || raw.metadata.deletionTimestamp !== undefined) {
      this.#gates.forget(key);
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
    if (statuses.latest(key, gate.metadata.uid)?.conditions === undefined) {
      await statuses.write(key, raw.metadata, (previous, now) =>
        startingStatus(gate.metadata.generation, previous, now),
      );
    }
    const outcome = await host.ensure(key, gate, statuses.latest(key, gate.metadata.uid));
    const { error, ...came } = outcome;
    const again = await statuses.write(key, raw.metadata, (previous, now) =>
      // Looked at only now: a report may have come while the host was at work.
      statusOf({ gate, ...came, ...host.observe(key, gate) }, previous, now),
    );
    if (error !== undefined) throw error;
    if (outcome.obstacle === undefined) return again;
    return { requeueAfterMs: Math.min(again.requeueAfterMs ?? OBSTACLE_RETRY, OBSTACLE_RETRY) };
  }
}
