import type { JsonObject } from '../../json/json.ts';

export interface Change {
  /** The resource version that the change made. */
  readonly version: number;
  readonly key: string;
  /** undefined: it was created. */
  readonly before: JsonObject | undefined;
  /** undefined: it was removed. */
  readonly after: JsonObject | undefined;
}

export interface HistoryBounds {
  /** Changes that are known at least, while they are not too large; at most twice as many are. */
  readonly changes: number;
  /** Characters of all of them at most, as JSON. */
  readonly characters: number;
}

/** The last changes of a collection, so that a watch can begin and a list can be read where a client left off. */
export class History {
  readonly #bounds: HistoryBounds;
  #changes: Change[] = [];
  #sizes: number[] = [];
  #characters = 0;
  #floor: number;

  /** @param floor the version before the first change */
  constructor(bounds: HistoryBounds, floor: number) {
    this.#bounds = bounds;
    this.#floor = floor;
  }

  /** Changes after this version are known, all of them. */
  get floor(): number {
    return this.#floor;
  }

  push(change: Change): void {
    const size = JSON.stringify(change.after ?? change.before ?? null).length;
    this.#changes.push(change);
    this.#sizes.push(size);
    this.#characters += size;
    const { changes, characters } = this.#bounds;
    // Cut in halves: cutting one from the front for every change would move the rest each time.
    const isFull = this.#changes.length >= 2 * changes || this.#characters > characters;
    if (isFull) this.#forget(Math.ceil(this.#changes.length / 2));
  }

  /** The changes after a version, oldest first; undefined when it is too old. */
  since(version: number): readonly Change[] | undefined {
    if (version < this.#floor) return undefined;
    const first = this.#changes.findIndex((change) => change.version > version);
    return first < 0 ? [] : this.#changes.slice(first);
  }

  #forget(count: number): void {
    const gone = this.#changes.splice(0, count);
    for (const size of this.#sizes.splice(0, count)) this.#characters -= size;
    this.#floor = gone.at(-1)?.version ?? this.#floor;
  }
}
