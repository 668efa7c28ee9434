import type { Kube } from './client.ts';
import { isNotFound } from './errors.ts';
import type { KubeObject, ObjectRef } from './objects.ts';
import type { Resource } from './resource.ts';
import type { RequestOptions } from './transport.ts';

/** Reads an object; undefined when there is none of that name. Rejects like `Kube.get` with every other error. */
export async function find<T extends KubeObject>(
  kube: Pick<Kube, 'get'>,
  resource: Resource<T>,
  ref: ObjectRef,
  options?: RequestOptions,
): Promise<T | undefined> {
  try {
    return await kube.get(resource, ref, options);
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}
