/** Time as a parameter, so that a test can own it. */
export interface Clock {
  /** Wall clock, in milliseconds since the epoch. It may jump: for timestamps only, never for durations. */
  now(): number;
  /** Milliseconds since some fixed point; never jumps and never goes back. */
  monotonic(): number;
  /** Calls `run` once, `milliseconds` from now. Returns what cancels it; cancelling twice is harmless. */
  after(milliseconds: number, run: () => void): () => void;
}

/** Node fires a longer timer at once, so a longer wait is cut to this (about 24.8 days). */
const LONGEST_TIMER = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after: (milliseconds, run) => {
    const timer = setTimeout(run, Math.min(milliseconds, LONGEST_TIMER));
    return () => clearTimeout(timer);
  },
};

/** Waits; ends early, rejecting with the signal's reason, when `signal` aborts. Leaves no timer behind. */
export function sleep(clock: Clock, milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason);
      return;
    }
    const onAbort = () => {
      cancelTimer();
      reject(signal.reason);
    };
    const cancelTimer = clock.after(milliseconds, () => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    });
    signal.addEventListener('abort', onAbort, { once: true });
  });
}
