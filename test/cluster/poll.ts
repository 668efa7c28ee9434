import { setTimeout as sleep } from 'node:timers/promises';

/** How long a condition may take, and how often it is looked at. */
export interface Patience {
  readonly timeoutMs: number;
  readonly intervalMs: number;
}

/**
 * Looks until `probe` holds.
 *
 * @param what what is waited for, for the error
 * @throws when the time is up; an error of `probe` ends the wait at once.
 */
export async function until(
  what: string,
  { timeoutMs, intervalMs }: Patience,
  probe: () => boolean | Promise<boolean>,
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await probe())) {
    if (performance.now() > deadline) {
      throw new Error(`Not within ${timeoutMs / 1000} s: ${what}`);
    }
    await sleep(intervalMs);
  }
}
