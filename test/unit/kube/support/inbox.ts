/** Things that arrive, to be awaited one by one. */
export class Inbox<T> {
  readonly #arrived: T[] = [];
  readonly #wanted: ((item: T) => void)[] = [];

  put(item: T): void {
    const wanted = this.#wanted.shift();
    if (wanted === undefined) this.#arrived.push(item);
    else wanted(item);
  }

  /** The oldest that nobody has taken, as soon as there is one. */
  next(): Promise<T> {
    const item = this.#arrived.shift();
    if (item !== undefined) return Promise.resolve(item);
    return new Promise((resolve) => this.#wanted.push(resolve));
  }

  /** How many wait to be taken. */
  get size(): number {
    return this.#arrived.length;
  }
}
