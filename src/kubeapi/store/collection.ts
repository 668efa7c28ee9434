import { isDeepStrictEqual } from 'node:util';
import type { JsonObject } from '../../json/json.ts';
import { exceededQuota, type Named, qualified } from '../errors.ts';
import { type Change, History, type HistoryBounds } from './history.ts';
import { Sizes } from './sizes.ts';

/** Objects, and their characters as JSON; without their statuses, which are bounded by the schema. */
interface Bounds {
  readonly objects: number;
  readonly characters: number;
}

interface Quota extends Bounds {
  /** What is counted, for those who are refused. */
  readonly resource: Named;
}

export interface CollectionOptions {
  /** How far behind a watch can begin. */
  readonly history: HistoryBounds;
  /** Most objects held, and their characters as JSON: the ones written longest ago make room. No bound if not set. */
  readonly limit?: Bounds;
  /** Most objects that clients may store: what would be more is refused. No bound if not set. */
  readonly quota?: Quota;
  /** What of an object has to outlive the process. Nothing if not set. */
  readonly keep?: (object: JsonObject) => JsonObject;
}

/** The new state of an object: another one, nothing, or (the same one returned) no change. */
export type Decision = JsonObject | undefined;

/** The objects of one resource, by key (`namespace/name`), and their latest changes. */
export class Collection {
  readonly #options: CollectionOptions;
  readonly #objects = new Map<string, JsonObject>();
  /** Of the objects, where they are bounded. */
  readonly #sizes: Sizes | undefined;
  readonly #history: History;
  readonly #listeners = new Set<(change: Change) => void>();

  constructor(options: CollectionOptions, version: number) {
    this.#options = options;
    const isBounded = options.limit !== undefined || options.quota !== undefined;
    this.#sizes = isBounded ? new Sizes() : undefined;
    this.#history = new History(options.history, version);
  }

  get(key: string): JsonObject | undefined {
    return this.#objects.get(key);
  }

  /** Keys and objects in the order of the keys. */
  entries(): [string, JsonObject][] {
    return [...this.#objects].sort(([a], [b]) => (a < b ? -1 : 1));
  }

  /** As `entries` was at a version; undefined when that is too long ago. */
  entriesAt(version: number): [string, JsonObject][] | undefined {
    const changes = this.#history.since(version);
    if (changes === undefined) return undefined;
    const objects = new Map(this.#objects);
    for (const { key, before } of changes.toReversed()) {
      if (before === undefined) objects.delete(key);
      else objects.set(key, before);
    }
    return [...objects].sort(([a], [b]) => (a < b ? -1 : 1));
  }

  /** The version after which every change is known. */
  get floor(): number {
    return this.#history.floor;
  }

  since(version: number): readonly Change[] | undefined {
    return this.#history.since(version);
  }

  /** Subscribes to every change from now on. Returns the function that unsubscribes. */
  subscribe(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The key that has to make room for what came in; undefined when there is room. */
  get surplus(): string | undefined {
    const { limit } = this.#options;
    if (limit === undefined || this.#objects.size <= 1) return undefined;
    const characters = this.#sizes?.total ?? 0;
    const isFull = this.#objects.size > limit.objects || characters > limit.characters;
    return isFull ? this.#objects.keys().next().value : undefined;
  }

  /** Throws a 403, as a ResourceQuota does, when the object would be one too many or too large beside the others. */
  checkQuota(key: string, after: JsonObject | undefined): void {
    const { quota } = this.#options;
    if (quota === undefined || after === undefined) return;
    const { resource, objects, characters } = quota;
    const name = key.slice(key.indexOf('/') + 1);
    const used = this.#objects.size;
    if (used >= objects && !this.#objects.has(key)) {
      const what = `count/${qualified(resource)}`;
      throw exceededQuota(resource, name, { what, requested: 1, used, limited: objects });
    }
    const { total = 0 } = this.#sizes ?? {};
    const requested = Sizes.of(after) - (this.#sizes?.get(key) ?? 0);
    if (requested > 0 && total + requested > characters) {
      const what = 'characters';
      throw exceededQuota(resource, name, { what, requested, used: total, limited: characters });
    }
  }

  commit(change: Change): void {
    const { key, after } = change;
    this.#objects.delete(key);
    if (after !== undefined) this.#objects.set(key, after);
    this.#sizes?.set(key, after);
    this.#history.push(change);
    for (const listener of this.#listeners) listener(change);
  }

  /** Whether a change touches what has to outlive the process. */
  isLasting(before: JsonObject | undefined, after: JsonObject | undefined): boolean {
    const { keep } = this.#options;
    if (keep === undefined) return false;
    const kept = (object: JsonObject | undefined) => object && keep(object);
    return !isDeepStrictEqual(kept(before), kept(after));
  }

  /** What would have to outlive the process after a change. */
  lasting(key: string, after: JsonObject | undefined): JsonObject[] {
    const { keep } = this.#options;
    if (keep === undefined) return [];
    const objects = new Map(this.#objects);
    if (after === undefined) objects.delete(key);
    else objects.set(key, after);
    return [...objects.values()].map(keep);
  }
}
