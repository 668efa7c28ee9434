import { type KubeObject, keyOf } from './objects.ts';

/** Both objects for a change, only `current` for an addition, only `previous` for a deletion. */
export type OnChange<T extends KubeObject> = (
  key: string,
  current: T | undefined,
  previous: T | undefined,
) => void;

/** Objects by key, which tells how it changes. */
export class ObjectCache<T extends KubeObject> {
  readonly #onChange: OnChange<T>;
  #objects = new Map<string, T>();

  constructor(onChange: OnChange<T>) {
    this.#onChange = onChange;
  }

  get(key: string): T | undefined {
    return this.#objects.get(key);
  }

  list(): T[] {
    return [...this.#objects.values()];
  }

  set(object: T): void {
    const key = keyOf(object.metadata);
    const previous = this.#objects.get(key);
    const isSame = previous?.metadata.resourceVersion === object.metadata.resourceVersion;
    if (previous !== undefined && isSame) return;
    // Its deletion was missed; to anyone who goes by the name alone, the two would look like one object.
    const isAnother = previous !== undefined && previous.metadata.uid !== object.metadata.uid;
    if (isAnother) this.#remove(key, previous);
    this.#objects.set(key, object);
    this.#onChange(key, object, isAnother ? undefined : previous);
  }

  delete(key: string): void {
    const previous = this.#objects.get(key);
    if (previous !== undefined) this.#remove(key, previous);
  }

  /** Makes the cache hold exactly these. */
  replace(objects: readonly T[]): void {
    const keys = new Set(objects.map(({ metadata }) => keyOf(metadata)));
    for (const [key, previous] of this.#objects) if (!keys.has(key)) this.#remove(key, previous);
    for (const object of objects) this.set(object);
  }

  #remove(key: string, previous: T): void {
    this.#objects.delete(key);
    this.#onChange(key, undefined, previous);
  }
}
