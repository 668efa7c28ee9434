import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';

/** Milliseconds by which a busy machine may be late; nothing may ever be early. */
const LATE = 1_000;

/** Milliseconds that anything may take that has to happen. */
const PATIENCE = 10_000;

const POLL_INTERVAL = 2;

/** Milliseconds in which something that must not happen would have happened many times over. */
const QUIET = 120;

/** A duration must not be shorter than expected, and longer by no more than the machine's fault. */
export function expectTook(measured: number, expected: number, late = LATE): void {
  expect(measured).toBeGreaterThanOrEqual(expected);
  expect(measured).toBeLessThan(expected + late);
}

/** Looks until the condition holds; fails with what was waited for. */
export async function until(
  what: string | (() => string),
  condition: () => boolean,
  patience = PATIENCE,
): Promise<void> {
  const deadline = performance.now() + patience;
  while (!condition()) {
    if (performance.now() > deadline) {
      throw new Error(
        `Not within ${patience} ms: ${typeof what === 'string' ? what : `${what()}`}`,
      );
    }
    await sleep(POLL_INTERVAL);
  }
}

/** Fails when the condition stops to hold within a while in which it would if it could. */
export async function stays(
  what: string | (() => string),
  condition: () => boolean,
  milliseconds = QUIET,
): Promise<void> {
  const end = performance.now() + milliseconds;
  do {
    if (!condition()) throw new Error(`Did not last: ${typeof what === 'string' ? what : what()}`);
    await sleep(POLL_INTERVAL);
  } while (performance.now() < end);
}

/** Resolves when the value has been the same for a while: everything that can move has moved. */
export async function settled(value: () => number, milliseconds = QUIET): Promise<number> {
  let last = value();
  let since = performance.now();
  await until(
    () => `${value()} stops to change`,
    () => {
      const now = performance.now();
      if (value() !== last) {
        last = value();
        since = now;
      }
      return now - since >= milliseconds;
    },
  );
  return last;
}
