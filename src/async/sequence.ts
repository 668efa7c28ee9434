/** Runs steps one after the other, in the order in which they were given, even if earlier ones fail. */
export class Sequence {
  #last: Promise<void> = Promise.resolve();

  /** Resolves when every step that was given so far has ended. Never rejects. */
  get idle(): Promise<void> {
    return this.#last;
  }

  /** Resolves or rejects as the step does. Nothing else reports its failure: a caller that does not wait must catch it. */
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
