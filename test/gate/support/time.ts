import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { kernelNote } from './kernelMemory.ts';

/** Milliseconds by which a busy machine may be late; nothing may ever be early. */
const LATE = 1_000;

/** Milliseconds that anything may take that has to happen. */
const PATIENCE = 10_000;

const POLL_INTERVAL = 2;

/**
 * Looks, each a turn of the event loop apart: what could happen within this process would have happened. A count
 * and not a time alone, because a process that got no processor for a while has done nothing in it.
 */
const QUIET_POLLS = 25;

/** A duration must not be shorter than expected, and longer by no more than the machine's fault. */
export function expectTook(measured: number, expected: number, late = LATE): void {
  expect(measured).toBeGreaterThanOrEqual(expected);
  expect(measured).toBeLessThan(expected + late);
}

/** Node's timers count whole milliseconds: one may be over that much before the precise clock says so. */
const TIMER_EARLY = 1;

/** The same of a duration that so many of Node's timers measure. */
export function expectTimed(measured: number, expected: number, timers = 1, late = LATE): void {
  expectTook(measured, expected - timers * TIMER_EARLY, late);
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
        `Not within ${patience} ms: ${typeof what === 'string' ? what : `${what()}`}${kernelNote()}`,
      );
    }
    await sleep(POLL_INTERVAL);
  }
}

/** Fails when the condition stops to hold within a while in which it would if it could. */
export async function stays(
  what: string | (() => string),
  condition: () => boolean,
  milliseconds = 0,
): Promise<void> {
  const end = performance.now() + milliseconds;
  for (let polls = 0; polls < QUIET_POLLS || performance.now() < end; polls += 1) {
    if (!condition()) throw new Error(`Did not last: ${typeof what === 'string' ? what : what()}`);
    await sleep(POLL_INTERVAL);
  }
}

/** Resolves when the value has been the same for a while: everything that can move has moved. */
export async function untilStable(value: () => number, quietPolls = QUIET_POLLS): Promise<number> {
  let last = value();
  let looks = 0;
  await until(
    () => `${value()} stops to change`,
    () => {
      looks = value() === last ? looks + 1 : 0;
      last = value();
      return looks >= quietPolls;
    },
  );
  return last;
}
