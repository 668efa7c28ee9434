import type { Clock } from '../time/clock.ts';

/** At most one timer for each key. */
export class KeyTimers {
  readonly #clock: Clock;
  readonly #onDue: (key: string) => void;
  readonly #timers = new Map<string, { dueAt: number; cancel: () => void }>();

  constructor(clock: Clock, onDue: (key: string) => void) {
    this.#clock = clock;
    this.#onDue = onDue;
  }

  /** When the key has a timer already, the earlier of the two stays. */
  set(key: string, milliseconds: number): void {
    const dueAt = this.#clock.monotonic() + milliseconds;
    const before = this.#timers.get(key);
    if (before !== undefined && before.dueAt <= dueAt) return;
    before?.cancel();
    const cancel = this.#clock.after(milliseconds, () => {
      this.#timers.delete(key);
      this.#onDue(key);
    });
    this.#timers.set(key, { dueAt, cancel });
  }

  cancel(key: string): void {
    this.#timers.get(key)?.cancel();
    this.#timers.delete(key);
  }

  cancelAll(): void {
    for (const { cancel } of this.#timers.values()) cancel();
    this.#timers.clear();
  }
}
