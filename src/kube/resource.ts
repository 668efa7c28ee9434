import type { KubeObject, ObjectRef } from './objects.ts';

declare const objectType: unique symbol;

/**
 * Where a kind of object lives in the API, for example `{ group: '', version: 'v1', plural: 'services' }`. `T` is the
 * type of its objects, which the API server vouches for and nothing here checks.
 */
export interface Resource<T extends KubeObject> {
  /** `''` is the core group. */
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  /** Never present at run time: it only ties `T` to the descriptor. */
  readonly [objectType]?: T;
}

/** Path of all objects of a resource, in one namespace or, without one, in all of them. */
export function collectionPath(resource: Resource<KubeObject>, namespace?: string): string {
  const { group, version, plural } = resource;
  const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  const scope = namespace === undefined ? '' : `/namespaces/${segment(namespace)}`;
  return `${root}${scope}/${plural}`;
}

/** Path of one object, or of one of its subresources such as `status`. */
export function objectPath(
  resource: Resource<KubeObject>,
  ref: ObjectRef,
  subresource?: string,
): string {
  const path = `${collectionPath(resource, ref.namespace)}/${segment(ref.name)}`;
  return subresource === undefined ? path : `${path}/${subresource}`;
}

function segment(name: string): string {
  // An empty or dotted name would turn the path of one object into the path of a whole collection.
  if (name === '' || name === '.' || name === '..') throw new TypeError(`Not a name: "${name}"`);
  return encodeURIComponent(name);
}
