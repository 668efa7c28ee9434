/** Bounds of an exponential backoff, in milliseconds. */
export interface BackoffBounds {
  readonly minMilliseconds: number;
  readonly maxMilliseconds: number;
}

/**
 * How long to wait after `failures` failures in a row (1 is the first): the window doubles with each failure, and
 * the wait is a random place in its upper half, so that clients that failed together do not come back together.
 * Always within the bounds; at the cap it is spread over its upper half too.
 *
 * @param random a number in [0, 1)
 */
export function backoffMilliseconds(
  failures: number,
  { minMilliseconds, maxMilliseconds }: BackoffBounds,
  random: number,
): number {
  // 2^60 is past any cap; without the bound the power overflows to Infinity on an outage of days.
  const doublings = Math.min(Math.max(failures, 1), 60);
  const high = Math.min(minMilliseconds * 2 ** doublings, maxMilliseconds);
  const low = Math.max(high / 2, minMilliseconds);
  return low + random * (high - low);
}
