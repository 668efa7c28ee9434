import type { JsonObject } from '../../json/json.ts';

/** Characters of objects as JSON without their statuses, and of all of them together. */
export class Sizes {
  readonly #sizes = new Map<string, number>();
  #total = 0;

  static of(object: JsonObject): number {
    return JSON.stringify({ ...object, status: undefined }).length;
  }

  get total(): number {
    return this.#total;
  }

  get(key: string): number {
    return this.#sizes.get(key) ?? 0;
  }

  set(key: string, object: JsonObject | undefined): void {
    this.#total -= this.get(key);
    this.#sizes.delete(key);
    if (object === undefined) return;
    const size = Sizes.of(object);
    this.#sizes.set(key, size);
    this.#total += size;
  }
}
