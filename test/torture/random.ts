import { keyedRandom, nameKey } from '../../src/gate/random.ts';

/** Numbers that follow from a seed alone. */
export class Random {
  readonly #seed: number;
  #count = 0;

  constructor(seed: number) {
    this.#seed = seed;
  }

  /** Numbers of their own, the same whatever was drawn here. */
  fork(name: string): Random {
    return new Random(Math.floor(keyedRandom(this.#seed, nameKey(name)) * 2 ** 32));
  }

  /** From `min` to `max`, both included. */
  integer(min: number, max: number): number {
    return min + Math.floor(this.#next() * (max - min + 1));
  }

  /** From `min` to `max`; as many of them below ten as between ten and a hundred. */
  magnitude(min: number, max: number): number {
    return Math.round(min * (max / min) ** this.#next());
  }

  chance(share: number): boolean {
    return this.#next() < share;
  }

  pick<T>(list: readonly [T, ...T[]]): T {
    return list[this.integer(0, list.length - 1)] ?? list[0];
  }

  /** One of the names, as often as its weight says. */
  weighted<T extends string>(weights: Readonly<Record<T, number>>): T {
    const entries = Object.entries<number>(weights) as [T, number][];
    const sum = entries.reduce((total, [, weight]) => total + weight, 0);
    let left = this.#next() * sum;
    for (const [name, weight] of entries) {
      left -= weight;
      if (left < 0) return name;
    }
    throw new RangeError('No weights');
  }

  #next(): number {
    this.#count += 1;
    return keyedRandom(this.#seed, this.#count);
  }
}
