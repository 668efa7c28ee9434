/** Runs steps one after the other, in the order in which they were given, whatever becomes of those before. */
export class Sequence {
  #last: Promise<void> = Promise.resolve();

  /** Resolves when every step that was given so far has ended. Never rejects. */
  get idle(): Promise<void> {
    return this.#last;
  }

  /** Resolves or rejects as the step does. Nobody else hears of its failure: a caller that does not wait must catch it. */
  async run<T>(step: () => T | Promise<T>): Promise<T> {
    const before = this.#last;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#last = promise;
    await before;
    try {
      return await step();
    } finally {
      resolve();
    }
  }
}
