import { isDeepStrictEqual } from 'node:util';
import type { TcpGateStatus } from '../api/status.ts';
import { INITIAL_STATUS, tcpGateStatus } from '../api/status.ts';
import type { Kube } from '../kube/client.ts';
import { isNotFound, isPatchTestFailed } from '../kube/errors.ts';
import type { KubeObject, ObjectMeta } from '../kube/objects.ts';
import { isOlder } from '../kube/resourceVersion.ts';
import { type Clock, systemClock } from '../time/clock.ts';
import { Contests } from './contests.ts';
import { MANAGER } from './desired/common.ts';
import { TCP_GATES } from './resources.ts';
import {
  type DecideWrite,
  type Decision,
  decideWrite,
  NO_WRITES,
  recordDecision,
  updateHistory,
  type WriteHistory,
} from './statusSchedule.ts';

/** A TcpGate as it is on the wire. */
type RawGate = KubeObject & { readonly status?: unknown };

/** What the operator knows of the status of one gate by itself. */
interface Own {
  readonly uid: string | undefined;
  /** What it wrote last, or found and agreed with; undefined before. */
  readonly status: TcpGateStatus | undefined;
  /** Version of the gate that had this status first, and when that was, in monotonic milliseconds. */
  readonly version: string | undefined;
  readonly at: number;
  readonly history: WriteHistory;
}

export interface StatusWriterOptions {
  readonly kube: Pick<Kube, 'replaceStatus'>;
  readonly cached: (key: string) => RawGate | undefined;
  /** When to write. Default: `decideWrite`, which spares an API server that others use too. */
  readonly decide?: DecideWrite;
  /** A status was written over another one of the operator. */
  readonly onWritten: (
    gate: ObjectMeta,
    before: TcpGateStatus | undefined,
    after: TcpGateStatus,
  ) => void;
  /** A status that somebody else had written was replaced; see `statusRestored`. */
  readonly onRestored: (gate: ObjectMeta, about: string, isContested: boolean) => void;
  readonly clock?: Clock;
}

/** Milliseconds in which status writes by others are collected before they are handled. */
export const FOREIGN_STATUS_DELAY = 200;

/** Milliseconds that the cache may be behind. After a restore of etcd from a backup it seems to stay behind. */
const LAG = 60_000;

/** Writes statuses when `decide` says so, and overwrites what others write there, with growing delays if that continues. */
export class StatusWriter {
  readonly #options: StatusWriterOptions;
  readonly #decide: DecideWrite;
  readonly #clock: Clock;
  readonly #contests: Contests;
  readonly #own = new Map<string, Own>();
  /** On their way to the API server. */
  readonly #sending = new Map<string, TcpGateStatus>();

  constructor(options: StatusWriterOptions) {
    this.#options = options;
    this.#decide = options.decide ?? decideWrite;
    this.#clock = options.clock ?? systemClock;
    this.#contests = new Contests(() => this.#clock.monotonic());
  }

  /**
   * The status as the operator knows it: what it wrote itself, whatever others wrote over it; else what an operator
   * before it left. Undefined for a gate that is new.
   */
  latest(key: string, uid: string | undefined): TcpGateStatus | undefined {
    const cached = this.#options.cached(key);
    if (cached === undefined || cached.metadata.uid !== uid) return undefined;
    return this.#ownOf(key, cached).status ?? left(cached);
  }

  /** Whether somebody else has written the status of that gate, which is new in the cache. */
  isForeign(key: string, gate: RawGate): boolean {
    const own = this.#own.get(key);
    return (
      own !== undefined &&
      own.uid === gate.metadata.uid &&
      isOverwritten(own, gate) &&
      !isDeepStrictEqual(gate.status, this.#sending.get(key))
    );
  }

  /** Writes the status that `compute` makes of the latest one, now or at a better time. */
  async write(
    key: string,
    { uid }: ObjectMeta,
    compute: (previous: TcpGateStatus | undefined, now: Date) => TcpGateStatus,
  ): Promise<{ requeueAfterMs?: number }> {
    const cached = this.#options.cached(key);
    // Its deletion is in the queue.
    if (cached === undefined || cached.metadata.uid !== uid) return {};
    const now = this.#clock.monotonic();
    const own = this.#ownOf(key, cached);
    const current = own.status ?? left(cached);
    const desired = compute(current, new Date(this.#clock.wall()));
    const history = updateHistory(own.history, desired, now);
    const isRestore = isOverwritten(own, cached) && !isDeepStrictEqual(cached.status, desired);
    const decision = earlier(
      this.#decide(current, desired, history, now),
      isRestore ? this.#restoreDue(key) : 'nothing',
    );
    const after = recordDecision(history, decision, { current, desired }, now);
    if (decision !== 'write') {
      const isAgreed =
        decision === 'nothing' && !isOlder(cached.metadata.resourceVersion, own.version);
      const agreed = isAgreed ? asOwn(desired, cached, now) : own;
      this.#own.set(key, { ...agreed, uid, history: after });
      return decision === 'nothing' ? {} : { requeueAfterMs: decision.waitMs };
    }
    const written = await this.#send(key, cached.metadata, desired);
    if (written === undefined) return {};
    this.#own.set(key, { ...asOwn(desired, written, now), uid, history: after });
    if (isRestore) this.#notifyRestored(key, cached);
    this.#options.onWritten(cached.metadata, current, desired);
    return {};
  }

  forget(key: string): void {
    this.#own.delete(key);
    this.#contests.forget(key);
  }

  #ownOf(key: string, { metadata: { uid, resourceVersion } }: RawGate): Own {
    const own = this.#own.get(key);
    const isLost =
      isOlder(resourceVersion, own?.version) && this.#clock.monotonic() - (own?.at ?? 0) > LAG;
    if (own !== undefined && own.uid === uid && !isLost) return own;
    return { uid, status: undefined, version: undefined, at: 0, history: NO_WRITES };
  }

  #restoreDue(key: string): Decision {
    const waitMs = this.#contests.untilRestore(key);
    return waitMs <= 0 ? 'write' : { waitMs };
  }

  /** Undefined when the gate is gone, or another one has its name. */
  async #send(
    key: string,
    metadata: ObjectMeta,
    status: TcpGateStatus,
  ): Promise<KubeObject | undefined> {
    this.#sending.set(key, status);
    try {
      return await this.#options.kube.replaceStatus(TCP_GATES, metadata, status, {
        fieldManager: MANAGER,
      });
    } catch (error) {
      if (isNotFound(error) || isPatchTestFailed(error)) return undefined;
      throw error;
    } finally {
      this.#sending.delete(key);
    }
  }

  #notifyRestored(key: string, { metadata }: RawGate): void {
    const about = `The status, which only the operator may write, was written by ${writerOf(metadata)}`;
    this.#contests.restored(key, about);
    this.#options.onRestored(metadata, about, this.#contests.contest(key) !== undefined);
  }
}

/** What an operator left in the API. A status that is no longer valid says nothing, nor does a default. */
function left({ status }: RawGate): TcpGateStatus | undefined {
  const parsed = tcpGateStatus.optional().catch(undefined).parse(status);
  if (parsed === undefined || parsed.observedGeneration !== INITIAL_STATUS.observedGeneration) {
    return parsed;
  }
  const { observedGeneration: _, conditions: __, ...rest } = parsed;
  return rest;
}

function asOwn(
  status: TcpGateStatus,
  { metadata: { resourceVersion } }: KubeObject,
  at: number,
): Pick<Own, 'status' | 'version' | 'at'> {
  return { status, version: resourceVersion, at };
}

function isOverwritten({ status, version }: Own, gate: RawGate): boolean {
  return isOlder(version, gate.metadata.resourceVersion) && !isDeepStrictEqual(gate.status, status);
}

function earlier(a: Decision, b: Decision): Decision {
  if (a === 'write' || b === 'nothing') return a;
  if (b === 'write' || a === 'nothing') return b;
  return { waitMs: Math.min(a.waitMs, b.waitMs) };
}

/** The field manager that wrote the status last, but for the operator. */
function writerOf({ managedFields = [] }: ObjectMeta): string {
  const [last] = managedFields
    .filter(({ manager, subresource }) => subresource === 'status' && manager !== MANAGER)
    .toSorted((a, b) => (b.time ?? '').localeCompare(a.time ?? ''));
  return last?.manager === undefined ? 'somebody' : `field manager "${last.manager}"`;
}
