/**
 * Threads of a search, the preferred first. Each is an instruction that waits for the next byte, or to be followed
 * when that is known. Those that began at the same byte are a generation; an older one is preferred to a younger,
 * for the leftmost match wins. Flat, since there may be thousands.
 */
export interface Threads {
  readonly indexes: Int32Array;
  /** Never falls from one thread to the next. */
  readonly generations: Int32Array;
}

/** A list of threads while it grows. */
export class ThreadList {
  readonly indexes: number[] = [];
  readonly generations: number[] = [];

  get length(): number {
    return this.indexes.length;
  }

  push(index: number, generation: number): void {
    this.indexes.push(index);
    this.generations.push(generation);
  }

  /** What is before a place in the list. */
  until(length: number): Threads {
    return {
      indexes: Int32Array.from(this.indexes.slice(0, length)),
      generations: Int32Array.from(this.generations.slice(0, length)),
    };
  }
}

export const NO_THREADS: Threads = new ThreadList().until(0);

/** The threads that a test lets pass. */
export function filtered(
  { indexes, generations }: Threads,
  test: (index: number, generation: number) => boolean,
): Threads {
  const left = new ThreadList();
  for (let at = 0; at < indexes.length; at += 1) {
    const index = indexes[at] ?? 0;
    const generation = generations[at] ?? 0;
    if (test(index, generation)) left.push(index, generation);
  }
  return left.until(left.length);
}
