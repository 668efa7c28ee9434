export const BYTES = Array.from({ length: 256 }, (_, byte) => byte);

/** A partition of the bytes, made finer with each set of them. */
export class Classes {
  readonly classOf = new Uint8Array(256);
  readonly #known = new Set<string>();

  tellApart(bytes: Uint8Array): void {
    const key = bytes.join('');
    if (this.#known.has(key)) return;
    this.#known.add(key);
    const halves = new Map<number, number>();
    for (const byte of BYTES) {
      const half = (this.classOf[byte] ?? 0) * 2 + (bytes[byte] ?? 0);
      const number = halves.get(half) ?? halves.size;
      halves.set(half, number);
      this.classOf[byte] = number;
    }
  }

  /** A byte of each class. */
  get examples(): number[] {
    const examples: number[] = [];
    for (const byte of BYTES) examples[this.classOf[byte] ?? 0] ??= byte;
    return examples;
  }
}
