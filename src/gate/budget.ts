/** The bytes that all connections of a process may hold together. */
export class Budget {
  readonly #limit: number;
  readonly #waiting = new Set<() => void>();
  #used = 0;

  /**
   * @param limit in bytes; may be overrun, per direction of a connection, by one read (`LARGEST_READ`) and by what a
   * fault holds until more bytes come (`Stage.undecided`), which could wait for good otherwise. What sockets keep themselves comes
   * on top: at most four reads per direction, when both of its ends are blocked.
   */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get isSpent(): boolean {
    return this.#used >= this.#limit;
  }

  /** Bytes that are held now. */
  get used(): number {
    return this.#used;
  }

  /** Counts so many bytes more, or fewer; whoever waited tries again when there is room. */
  add(bytes: number): void {
    this.#used += bytes;
    if (bytes >= 0 || this.isSpent || this.#waiting.size === 0) return;
    const woken = [...this.#waiting];
    this.#waiting.clear();
    for (const wake of woken) wake();
  }

  /** Calls `wake` once when there is room again. */
  wait(wake: () => void): void {
    this.#waiting.add(wake);
  }

  forget(wake: () => void): void {
    this.#waiting.delete(wake);
  }
}
