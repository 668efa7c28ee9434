/** Time as a parameter, so that a test can own it. */
export interface Clock {
  /** Milliseconds since the epoch. They may jump: for timestamps only, never for durations. */
  wall(): number;
  /** Milliseconds since some fixed point; they never jump and never go back. */
  monotonic(): number;
  /**
   * Calls `run` once, `milliseconds` from now or some 2 ms later on an idle loop, and never earlier. Returns what cancels
   * it; cancelling twice is harmless.
   */
  after(milliseconds: number, run: () => void): () => void;
}

/** A clock for what is not to ask for the time of day. */
export type MonotonicClock = Pick<Clock, 'monotonic' | 'after'>;

/** Node fires a longer timer at once (about 24.8 days). */
const LONGEST_TIMER = 2 ** 31 - 1;

export const systemClock: Clock = {
  wall: () => Date.now(),
  monotonic: () => performance.now(),
  after(milliseconds, run) {
    const due = performance.now() + milliseconds;
    // A timer counts whole milliseconds, and from when the loop last looked at the clock: it may come early.
    const look = (): void => {
      const wait = due - performance.now();
      if (wait > 0) timer = start(wait);
      else run();
    };
    const start = (wait: number) => setTimeout(look, Math.min(Math.ceil(wait), LONGEST_TIMER));
    let timer = start(milliseconds);
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
