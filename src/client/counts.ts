/** How soon a count of connections gets into the status, in milliseconds. */
export interface CountDelays {
  /** When nothing holds it back. */
  readonly soon: number;
  /** At the latest. */
  readonly latest: number;
}

/** `chaosgate up` runs the gates in its own process and writes every change. */
export const LOCAL_DELAYS: CountDelays = { soon: 100, latest: 100 };

/** The operator of a cluster spares the API server: counts wait up to 5 seconds, unless they leave or reach zero. */
export const CLUSTER_DELAYS: CountDelays = { soon: 250, latest: 5_500 };

/** When a count was heard, on one monotonic clock in milliseconds. */
export interface Hearing {
  readonly now: number;
  /** When the status that has the count came. */
  readonly heardAt: number;
  /** Since when nothing could be missed; undefined while nothing is heard at all. */
  readonly listeningSince: number | undefined;
}

/** Milliseconds until the count is known to have been true at `calledAt` or later, if nothing else is heard until then. */
export function trueSinceIn(calledAt: number, hearing: Hearing, delays: CountDelays): number {
  if (hearing.heardAt >= calledAt + delays.soon && isNews(hearing, delays)) return 0;
  return Math.max(calledAt + delays.soon - hearing.now, settledIn(hearing, delays));
}

/**
 * The same for who waits for a count: any that is heard after the call will do, and the one that a change has brought
 * along which was awaited just before.
 *
 * @param changedAt when the last change was in force; undefined when there was none
 */
export function timelyIn(
  calledAt: number,
  changedAt: number | undefined,
  hearing: Hearing,
  delays: CountDelays,
): number {
  const isAfterChange = changedAt !== undefined && calledAt - changedAt <= delays.soon;
  const since = isAfterChange ? changedAt - delays.soon : calledAt;
  const isTimely = hearing.heardAt >= since && isNews(hearing, delays);
  return isTimely ? 0 : settledIn(hearing, delays);
}

/** What comes when a watch was opened was missed while there was none, and there may be more of it. */
function isNews({ heardAt, listeningSince }: Hearing, { soon }: CountDelays): boolean {
  return listeningSince !== undefined && heardAt >= listeningSince + soon;
}

/** Until then another count would have been heard. */
function settledIn({ now, heardAt, listeningSince }: Hearing, { latest }: CountDelays): number {
  if (listeningSince === undefined) return Number.POSITIVE_INFINITY;
  return Math.max(0, Math.max(heardAt, listeningSince) + latest - now);
}
