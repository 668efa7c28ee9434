/** What faults take the time from, so that a test can drive it by hand. */
export interface Clock {
  /** Milliseconds on a clock that never goes back. */
  now(): number;
  /** Runs `task` once, `milliseconds` from now or some 2 ms later on an idle loop; returns what cancels it. */
  after(milliseconds: number, task: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  after(milliseconds, task) {
    const due = performance.now() + milliseconds;
    // A timer counts whole milliseconds, and from when the loop last looked at the clock: it may come early.
    const look = (): void => {
      const wait = due - performance.now();
      if (wait > 0) timer = setTimeout(look, Math.ceil(wait));
      else task();
    };
    let timer = setTimeout(look, Math.ceil(milliseconds));
    return () => clearTimeout(timer);
  },
};
