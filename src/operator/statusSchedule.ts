import { isDeepStrictEqual } from 'node:util';
import type { Condition, TcpGateStatus } from '../api/status.ts';

/** Status writes of a gate in a burst; one is earned back per interval, in milliseconds. */
export const BURST = 6;
export const INTERVAL = 5_000;

/** Writes that counts at rest leave for what matters more: conditions, and counts that leave or reach zero. */
const RESERVE = 1;

/** Milliseconds without a change after which counts rest. */
export const REST = 300;

/** Milliseconds that a passing state may last before it is worth a write: most patches are in force sooner. */
export const TRANSITION_DELAY = 500;
const RECONNECT_DELAY = 5_000;

/** What one gate's status writes have cost so far, and what waits. Times are milliseconds of a monotonic clock. */
export interface WriteHistory {
  /** Writes that may still come at once. */
  readonly tokens: number;
  /** When `tokens` was true. */
  readonly at: number;
  readonly lastWrite: number;
  /** When the difference that waits was first seen; undefined while nothing waits. */
  readonly waitingSince: number | undefined;
  /** The counts that were seen last, and since when they are these. */
  readonly counts: TcpGateStatus['connections'];
  readonly countsSince: number;
}

export const NO_WRITES: WriteHistory = {
  tokens: BURST,
  at: 0,
  lastWrite: Number.NEGATIVE_INFINITY,
  waitingSince: undefined,
  counts: undefined,
  countsSince: Number.NEGATIVE_INFINITY,
};

/** `write` now, wait this many milliseconds and decide again, or nothing to write. */
export type Decision = 'write' | 'nothing' | { readonly waitMs: number };

export type DecideWrite = (
  current: TcpGateStatus | undefined,
  desired: TcpGateStatus,
  history: WriteHistory,
  now: number,
) => Decision;

/** Milliseconds between writes of counts where a write is cheap. */
const LOCAL_COUNT_INTERVAL = 25;

/** For a store in this process: writes every change at once, and batches counts only. */
export const decideLocalWrite: DecideWrite = (current, desired, history, now) => {
  if (isDeepStrictEqual(current, desired)) return 'nothing';
  if (current === undefined || !differsInCountsOnly(current, desired)) return 'write';
  return dueIn(history.lastWrite + LOCAL_COUNT_INTERVAL - now);
};

/**
 * When to write `desired` over `current`: soon where somebody waits for it, and within one budget, so that no gate keeps
 * the API server busy, whatever its upstream, its clients or its proxy do. `history` comes from `updateHistory`.
 */
export const decideWrite: DecideWrite = (current, desired, history, now) => {
  if (isDeepStrictEqual(current, desired)) return 'nothing';
  if (current?.conditions === undefined) return 'write';
  const waited = now - (history.waitingSince ?? now);
  if (!differsInCountsOnly(current, desired)) {
    const passing = passingDelay(current, desired) - waited;
    return dueIn(Math.max(passing, isPaid(current, desired) ? 0 : untilTokens(1, history, now)));
  }
  if (crossesZero(current, desired)) return dueIn(untilTokens(1, history, now));
  const atRest = Math.max(history.countsSince + REST - now, untilTokens(1 + RESERVE, history, now));
  // Also counts that never rest, and after a burst: the library relies on it.
  const atLast = Math.max(INTERVAL - waited, untilTokens(1, history, now));
  return dueIn(Math.min(atRest, atLast));
};

/** The history once `desired` was seen. */
export function updateHistory(
  history: WriteHistory,
  desired: TcpGateStatus,
  now: number,
): WriteHistory {
  if (isDeepStrictEqual(history.counts, desired.connections)) return history;
  return { ...history, counts: desired.connections, countsSince: now };
}

/** The history after a decision about `desired` over `current`. */
export function recordDecision(
  history: WriteHistory,
  decision: Decision,
  { current, desired }: { current: TcpGateStatus | undefined; desired: TcpGateStatus },
  now: number,
): WriteHistory {
  if (decision === 'nothing') return { ...history, waitingSince: undefined };
  if (decision !== 'write') return { ...history, waitingSince: history.waitingSince ?? now };
  // What says that a patch is on its way is followed by what says that it is in force.
  const change = isPaid(current, desired) ? 1 : -1;
  return {
    ...history,
    tokens: Math.min(BURST, Math.max(0, tokensAt(history, now) + change)),
    at: now,
    lastWrite: now,
    waitingSince: undefined,
  };
}

/** Each change of a spec was a write of somebody else: the answer to it is not counted. */
function isPaid(current: TcpGateStatus | undefined, desired: TcpGateStatus): boolean {
  return current?.observedGeneration !== desired.observedGeneration;
}

function tokensAt({ tokens, at }: WriteHistory, now: number): number {
  return Math.min(BURST, tokens + (now - at) / INTERVAL);
}

function untilTokens(count: number, history: WriteHistory, now: number): number {
  return (count - tokensAt(history, now)) * INTERVAL;
}

function dueIn(milliseconds: number): Decision {
  return milliseconds <= 0 ? 'write' : { waitMs: Math.ceil(milliseconds) };
}

function crossesZero(current: TcpGateStatus, desired: TcpGateStatus): boolean {
  return isIdle(current) !== isIdle(desired);
}

function isIdle({ connections }: TcpGateStatus): boolean {
  return (connections?.active ?? 0) === 0;
}

function differsInCountsOnly(current: TcpGateStatus, desired: TcpGateStatus): boolean {
  return isDeepStrictEqual(withoutCounts(current), withoutCounts(desired));
}

function withoutCounts({ connections: _, conditions, ...rest }: TcpGateStatus) {
  return { ...rest, conditions: conditions?.filter(({ type }) => type !== 'Connected') };
}

/**
 * A patch on its way, a proxy not heard yet after a restart of the operator, or one step of many to a gate that is ready
 * may be over in a moment.
 */
function passingDelay(current: TcpGateStatus, desired: TcpGateStatus): number {
  const is = find(desired, 'Programmed');
  if (find(current, 'Programmed')?.status === 'True') {
    if (is?.reason === 'Programming') return TRANSITION_DELAY;
    return is?.reason === 'ProxyUnreachable' ? RECONNECT_DELAY : 0;
  }
  const stays = [current, desired].every((status) => find(status, 'Reconciling') !== undefined);
  return stays && !isPaid(current, desired) ? TRANSITION_DELAY : 0;
}

function find(status: TcpGateStatus, type: Condition['type']): Condition | undefined {
  return status.conditions?.find((condition) => condition.type === type);
}
