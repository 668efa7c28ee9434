import type { MonotonicClock } from '../time/clock.ts';

/** Timers that end together. */
export class Timers {
  readonly #clock: MonotonicClock;
  readonly #run: (task: () => void) => void;
  readonly #running = new Set<() => void>();

  constructor(clock: MonotonicClock, run: (task: () => void) => void) {
    this.#clock = clock;
    this.#run = run;
  }

  after(milliseconds: number, task: () => void): () => void {
    const cancelTimer = this.#clock.after(milliseconds, () => {
      this.#running.delete(cancel);
      this.#run(task);
    });
    const cancel = () => {
      this.#running.delete(cancel);
      cancelTimer();
    };
    this.#running.add(cancel);
    return cancel;
  }

  stop(): void {
    for (const cancel of this.#running) cancel();
  }
}
