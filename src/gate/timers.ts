import type { Clock } from './clock.ts';

/** Timers that end together. */
export class Timers {
  readonly #clock: Clock;
  readonly #run: (task: () => void) => void;
  readonly #running = new Set<() => void>();

  constructor(clock: Clock, run: (task: () => void) => void) {
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
