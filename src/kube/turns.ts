/** What decides when a key has its turn. */
export interface Rank {
  /** Groups have their turns one after the other, however many keys each has. */
  readonly group: string;
  /** Most turns go to keys that are urgent. */
  readonly isUrgent: boolean;
}

export interface Turn<Value> {
  readonly key: string;
  readonly value: Value;
  readonly isUrgent: boolean;
}

/** Turns for urgent keys before one that is not gets its own, so that neither waits for all of the other. */
const URGENT_TURNS = 4;

/** Keys with a value each, handed out group by group, and first come, first served within a group. */
export class Turns<Value> {
  readonly #urgent = new Lane<Value>();
  readonly #other = new Lane<Value>();
  readonly #keys = new Set<string>();
  #urgentTurns = 0;

  get size(): number {
    return this.#keys.size;
  }

  has(key: string): boolean {
    return this.#keys.has(key);
  }

  /** The key must not be there. */
  push(key: string, value: Value, { group, isUrgent }: Rank): void {
    const lane = isUrgent ? this.#urgent : this.#other;
    lane.push(group, key, value);
    this.#keys.add(key);
  }

  /** Takes the key whose turn it is, or that of those that are urgent; undefined when there is none. */
  shift({ onlyUrgent = false } = {}): Turn<Value> | undefined {
    const isTurnOfOther = this.#urgentTurns >= URGENT_TURNS || this.#urgent.isEmpty;
    const isUrgent = onlyUrgent || this.#other.isEmpty || !isTurnOfOther;
    const next = (isUrgent ? this.#urgent : this.#other).shift();
    if (next === undefined) return undefined;
    this.#urgentTurns = isUrgent ? this.#urgentTurns + 1 : 0;
    const [key, value] = next;
    this.#keys.delete(key);
    return { key, value, isUrgent };
  }

  clear(): void {
    this.#urgent.clear();
    this.#other.clear();
    this.#keys.clear();
  }
}

/** Groups of keys; the group whose turn it is comes first. */
class Lane<Value> {
  readonly #groups = new Map<string, Map<string, Value>>();

  get isEmpty(): boolean {
    return this.#groups.size === 0;
  }

  push(group: string, key: string, value: Value): void {
    const keys = this.#groups.get(group) ?? new Map<string, Value>();
    this.#groups.set(group, keys.set(key, value));
  }

  shift(): readonly [string, Value] | undefined {
    for (const [group, keys] of this.#groups) {
      this.#groups.delete(group);
      for (const next of keys) {
        keys.delete(next[0]);
        if (keys.size > 0) this.#groups.set(group, keys);
        return next;
      }
    }
    return undefined;
  }

  clear(): void {
    this.#groups.clear();
  }
}
