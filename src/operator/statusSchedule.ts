import { isDeepStrictEqual } from 'node:util';
import type { Condition, TcpGateStatus } from '../api/status.ts';

/** Milliseconds between writes that only bring counts up to date. */
export const COUNT_INTERVAL = 5_000;

/** So many writes in a row may come at once, for counts that leave or reach zero; earned back one per interval. */
export const BURST = 4;

/** Milliseconds that a passing state may last before it is worth a write: most patches are in force sooner. */
export const TRANSITION_DELAY = 500;
const RECONNECT_DELAY = 5_000;

/** What one gate's status writes have cost so far. */
export interface WriteHistory {
  /** Writes for counts that may still come at once. */
  readonly tokens: number;
  /** Milliseconds of a monotonic clock: when `tokens` was true, and the last write. */
  readonly at: number;
  readonly lastWrite: number;
  /** When the difference that waits was first seen; undefined while nothing waits. */
  readonly waitingSince: number | undefined;
}

export const NO_WRITES: WriteHistory = {
  tokens: BURST,
  at: 0,
  lastWrite: Number.NEGATIVE_INFINITY,
  waitingSince: undefined,
};

/** `write` now, wait so many milliseconds and ask again, or nothing to write. */
export type Decision = 'write' | 'nothing' | { readonly waitMs: number };

export type DecideWrite = (
  current: TcpGateStatus | undefined,
  desired: TcpGateStatus,
  history: WriteHistory,
  now: number,
) => Decision;

/** Milliseconds between writes of counts where a write costs next to nothing. */
const SOON = 25;

/** Writes on every change. Only counts wait for a moment, as a thousand connections may open in one. */
export const decideSoon: DecideWrite = (current, desired, history, now) => {
  if (isDeepStrictEqual(current, desired)) return 'nothing';
  if (current === undefined || !differsInCountsOnly(current, desired)) return 'write';
  return dueIn(history.lastWrite + SOON - now);
};

/** When to write `desired` over `current`, so that the status is true soon and quiet otherwise. */
export function decideWrite(
  current: TcpGateStatus | undefined,
  desired: TcpGateStatus,
  history: WriteHistory,
  now: number,
): Decision {
  if (isDeepStrictEqual(current, desired)) return 'nothing';
  if (current?.conditions === undefined) return 'write';
  const waited = now - (history.waitingSince ?? now);
  if (differsInCountsOnly(current, desired)) {
    const crossesZero =
      (current.connections?.active ?? 0) === 0 || desired.connections?.active === 0;
    if (crossesZero && tokensAt(history, now) >= 1) return 'write';
    return dueIn(history.lastWrite + COUNT_INTERVAL - now);
  }
  return dueIn(passingDelay(current, desired) - waited);
}

/** The history after a decision. */
export function recordDecision(
  history: WriteHistory,
  decision: Decision,
  now: number,
): WriteHistory {
  if (decision === 'nothing') return { ...history, waitingSince: undefined };
  if (decision !== 'write') return { ...history, waitingSince: history.waitingSince ?? now };
  return {
    tokens: Math.max(0, tokensAt(history, now) - 1),
    at: now,
    lastWrite: now,
    waitingSince: undefined,
  };
}

function tokensAt({ tokens, at }: WriteHistory, now: number): number {
  return Math.min(BURST, tokens + (now - at) / COUNT_INTERVAL);
}

function dueIn(milliseconds: number): Decision {
  return milliseconds <= 0 ? 'write' : { waitMs: milliseconds };
}

function differsInCountsOnly(current: TcpGateStatus, desired: TcpGateStatus): boolean {
  return isDeepStrictEqual(withoutCounts(current), withoutCounts(desired));
}

function withoutCounts({ connections: _, conditions, ...rest }: TcpGateStatus) {
  return { ...rest, conditions: conditions?.filter(({ type }) => type !== 'Connected') };
}

/** A patch on its way, or a proxy not heard yet after a restart of the operator, may be over in a moment. */
function passingDelay(current: TcpGateStatus, desired: TcpGateStatus): number {
  const was = find(current, 'Programmed');
  const is = find(desired, 'Programmed');
  if (was?.status !== 'True' || is === undefined) return 0;
  if (is.reason === 'Programming') return TRANSITION_DELAY;
  return is.reason === 'ProxyUnreachable' ? RECONNECT_DELAY : 0;
}

function find(status: TcpGateStatus, type: Condition['type']): Condition | undefined {
  return status.conditions?.find((condition) => condition.type === type);
}
