import type { Clock } from '../../../../src/time/clock.ts';

interface Timer {
  readonly dueAt: number;
  readonly run: () => void;
}

/** A clock that stands still until a test moves it. */
export class HandClock implements Clock {
  #elapsed = 0;
  readonly #startedAt = Date.parse('2026-01-02T03:04:05.678Z');
  readonly #timers = new Set<Timer>();

  wall(): number {
    return this.#startedAt + this.#elapsed;
  }

  monotonic(): number {
    return this.#elapsed;
  }

  after(milliseconds: number, run: () => void): () => void {
    const timer = { dueAt: this.#elapsed + milliseconds, run };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Milliseconds until each timer is due, soonest first. */
  get waits(): number[] {
    return [...this.#timers].map(({ dueAt }) => dueAt - this.#elapsed).sort((a, b) => a - b);
  }

  /** Lets time pass, with every timer at its own moment, and around each what needs no IO to settle. */
  async advance(milliseconds: number): Promise<void> {
    await flushPromises();
    const end = this.#elapsed + milliseconds;
    for (let timer = this.#next(end); timer !== undefined; timer = this.#next(end)) {
      this.#elapsed = Math.max(this.#elapsed, timer.dueAt);
      this.#timers.delete(timer);
      timer.run();
      await flushPromises();
    }
    this.#elapsed = end;
    await flushPromises();
  }

  #next(end: number): Timer | undefined {
    const due = [...this.#timers].filter(({ dueAt }) => dueAt <= end);
    return due.sort((a, b) => a.dueAt - b.dueAt)[0];
  }
}

/** After every promise that can settle without IO, and what they put off for a turn of the event loop. */
export async function flushPromises(): Promise<void> {
  await turn();
  await turn();
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
