import { randomUUID } from 'node:crypto';
import { errorFromResponse } from '../../src/kube/errors.ts';
import { type KubeObject, keyOf, type ObjectRef } from '../../src/kube/objects.ts';
import type { Resource } from '../../src/kube/resource.ts';

/**
 * The API server and the operator's caches in one: has what is written, at once. A real API server would take more
 * processor time than what is measured.
 */
export class KeptObjects {
  readonly #objects = new Map<string, KubeObject>();
  readonly #keep: (object: KubeObject) => KubeObject;
  #version = 0;

  /** @param keep what a cache keeps of an object */
  constructor(keep: (object: KubeObject) => KubeObject) {
    this.#keep = keep;
  }

  find({ plural }: Resource<KubeObject>, key: string): KubeObject | undefined {
    return this.#objects.get(`${plural} ${key}`);
  }

  async get<T extends KubeObject>(resource: Resource<T>, ref: ObjectRef): Promise<T> {
    const found = this.find(resource, keyOf(ref));
    if (found === undefined) throw errorFromResponse(404, '', undefined, `GET ${keyOf(ref)}`);
    return found as T;
  }

  async apply<T extends KubeObject>(resource: Resource<T>, object: KubeObject): Promise<T> {
    this.#version += 1;
    const key = keyOf(object.metadata);
    const metadata = {
      uid: this.find(resource, key)?.metadata.uid ?? randomUUID(),
      generation: 1,
      ...object.metadata,
      resourceVersion: `${this.#version}`,
    };
    const written = { ...object, metadata } as T;
    this.#objects.set(`${resource.plural} ${key}`, this.#keep(written));
    return written;
  }

  async replaceStatus<T extends KubeObject>(
    resource: Resource<T>,
    ref: ObjectRef,
    status: object,
  ): Promise<T> {
    return this.apply(resource, { ...(await this.get(resource, ref)), status } as KubeObject);
  }

  jsonPatch<T>(): Promise<T> {
    return Promise.reject(new Error('Nobody but the operator writes'));
  }

  mergePatch<T>(): Promise<T> {
    return Promise.reject(new Error('Nobody but the operator writes'));
  }
}
