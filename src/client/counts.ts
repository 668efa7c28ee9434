/** How soon the status shows a new count of connections, in milliseconds. */
export interface CountDelays {
  /** When nothing delays it. */
  readonly soon: number;
  /** At the latest. */
  readonly latest: number;
}

/** `chaosgate up` runs the gates in its own process and writes every change. */
export const LOCAL_DELAYS: CountDelays = { soon: 100, latest: 100 };

/** In a cluster the operator limits its writes: a count waits up to 5 seconds, unless it leaves or reaches zero. */
export const CLUSTER_DELAYS: CountDelays = { soon: 250, latest: 5_500 };

/** When a count was received, in milliseconds of one monotonic clock. */
export interface CountTimes {
  readonly now: number;
  /** When the status with the count arrived. */
  readonly receivedAt: number;
  /** Since when no change can have been missed; undefined while the watch is interrupted. */
  readonly watchingSince: number | undefined;
}

/** Milliseconds until the count is known to have been true at `calledAt` or later, unless another one arrives first. */
export function trueSinceIn(calledAt: number, times: CountTimes, delays: CountDelays): number {
  if (times.receivedAt >= calledAt + delays.soon && isFresh(times, delays)) return 0;
  return Math.max(calledAt + delays.soon - times.now, confirmedIn(times, delays));
}

/**
 * The same for a caller that waits for a count. Any count received after the call is good, and so is one received with
 * the change that the caller awaited just before.
 *
 * @param changedAt when the last change was in force; undefined when there was none
 */
export function timelyIn(
  calledAt: number,
  changedAt: number | undefined,
  times: CountTimes,
  delays: CountDelays,
): number {
  const isAfterChange = changedAt !== undefined && calledAt - changedAt <= delays.soon;
  const since = isAfterChange ? changedAt - delays.soon : calledAt;
  const isTimely = times.receivedAt >= since && isFresh(times, delays);
  return isTimely ? 0 : confirmedIn(times, delays);
}

/** A count received just after the watch was opened may be one that was missed before, with newer ones to follow. */
function isFresh({ receivedAt, watchingSince }: CountTimes, { soon }: CountDelays): boolean {
  return watchingSince !== undefined && receivedAt >= watchingSince + soon;
}

/** After that time, a newer count would have arrived. */
function confirmedIn(
  { now, receivedAt, watchingSince }: CountTimes,
  { latest }: CountDelays,
): number {
  if (watchingSince === undefined) return Number.POSITIVE_INFINITY;
  return Math.max(0, Math.max(receivedAt, watchingSince) + latest - now);
}
