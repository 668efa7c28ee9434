import { Sequence } from '../../async/sequence.ts';
import { type JsonObject, objectIn } from '../../json/json.ts';
import { internal } from '../errors.ts';
import { Collection, type CollectionOptions, type Decision } from './collection.ts';

export interface StoreOptions {
  readonly collections: Readonly<Record<string, CollectionOptions>>;
  /**
   * Resource versions count from here. Take the time in milliseconds: then versions of an earlier life of the process
   * are older than anything that is known, and clients that hold one list again.
   */
  readonly firstVersion: number;
  /**
   * Keeps all objects that have to outlive the process. A change takes place, and is answered, when it resolved; when
   * it rejects, nothing has changed and the client is told why.
   */
  readonly persist?: (objects: readonly JsonObject[]) => Promise<void>;
}

/** All objects, one version counter over all of them. Writes happen one after another. */
export class Store {
  readonly #options: StoreOptions;
  readonly #collections: ReadonlyMap<string, Collection>;
  #version: number;
  readonly #writes = new Sequence();

  constructor(options: StoreOptions) {
    this.#options = options;
    this.#version = options.firstVersion;
    this.#collections = new Map(
      Object.entries(options.collections).map(([name, collection]) => [
        name,
        new Collection(collection, options.firstVersion),
      ]),
    );
  }

  /** The version of the last change. */
  get version(): number {
    return this.#version;
  }

  collection(name: string): Collection {
    const found = this.#collections.get(name);
    if (found === undefined) throw new TypeError(`No collection is named ${name}`);
    return found;
  }

  /**
   * Replaces, creates or removes the object of a key. `decide` sees the object as it is then, and its error is handed
   * on. Resolves with the object as it is now (with its new resourceVersion), or as it last was when it was removed.
   */
  change(
    collectionName: string,
    key: string,
    decide: (current: JsonObject | undefined) => Decision,
  ): Promise<JsonObject | undefined> {
    return this.#writes.run(() => this.#change(collectionName, key, decide));
  }

  /** Puts back what was kept. Nothing is kept again, and nobody can have been watching. */
  restore(collectionName: string, objects: ReadonlyMap<string, JsonObject>): void {
    const collection = this.collection(collectionName);
    for (const [key, object] of objects) {
      this.#version += 1;
      const after = withVersion(object, this.#version);
      collection.commit({ version: this.#version, key, before: collection.get(key), after });
    }
  }

  async #change(
    collectionName: string,
    key: string,
    decide: (current: JsonObject | undefined) => Decision,
  ): Promise<JsonObject | undefined> {
    const collection = this.collection(collectionName);
    const before = collection.get(key);
    const decided = decide(before);
    if (decided === before) return before;
    collection.checkQuota(key, decided);
    await this.#persist(collection, key, before, decided);
    const stored = this.#commit(collection, key, decided);
    for (let { surplus } = collection; surplus !== undefined; { surplus } = collection) {
      this.#commit(collection, surplus, undefined);
    }
    return stored;
  }

  #commit(collection: Collection, key: string, decided: Decision): JsonObject | undefined {
    const before = collection.get(key);
    this.#version += 1;
    const version = this.#version;
    const after = decided && withVersion(decided, version);
    collection.commit({ version, key, before, after });
    return after ?? before;
  }

  async #persist(
    collection: Collection,
    key: string,
    before: JsonObject | undefined,
    after: JsonObject | undefined,
  ): Promise<void> {
    const { persist } = this.#options;
    if (persist === undefined || !collection.isLasting(before, after)) return;
    try {
      await persist(collection.lasting(key, after));
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw internal(`nothing was changed, because it could not be kept: ${why}`);
    }
  }
}

/** The object under a resource version. */
export function withVersion(object: JsonObject, version: number): JsonObject {
  const metadata = { ...objectIn(object, 'metadata'), resourceVersion: String(version) };
  return { ...object, metadata };
}
