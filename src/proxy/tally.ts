/**
 * Counts by name, until somebody asks. A counter of prom-client looks its labels up on every call, which for each read
 * of a socket costs more than the read.
 */
export class Tally<Name extends string> {
  readonly #counts = new Map<Name, number>();

  add(name: Name, count = 1): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + count);
  }

  /** What was counted since the last time. */
  take(): [Name, number][] {
    const counts = [...this.#counts];
    this.#counts.clear();
    return counts;
  }
}
