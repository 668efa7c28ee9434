import type { PatchOperation } from '../kube/patch.ts';
import { isSameQuantity } from '../kube/quantity.ts';

/** A field of an object that is not as desired. */
export interface Difference {
  /** Names of fields, and places in lists. */
  readonly path: readonly string[];
  readonly live: unknown;
  /** undefined: the field must not be there. */
  readonly desired: unknown;
}

export type Fields = Readonly<Record<string, unknown>>;

/** Fields of which every word counts: what somebody else adds to them changes what the gate does. */
export const CLOSED: ReadonlySet<string> = new Set([
  'selector',
  'podSelector',
  'ingress',
  'data',
  'securityContext',
  'livenessProbe',
  'readinessProbe',
  'volumeMounts',
  'secret',
  'emptyDir',
]);

/** Lists in which others may have items of their own, by the field that tells the items apart. */
export const SHARED: Readonly<Record<string, string>> = {
  containers: 'name',
  volumes: 'name',
  ownerReferences: 'uid',
};

const QUANTITIES = new Set(['resources', 'emptyDir']);

/**
 * Where `live` is not as `desired`. Fields that `desired` does not name are left to the API server, which fills in
 * defaults, and to others, except in `CLOSED`; a field that it names as undefined must not be there. Lists must agree
 * item by item, except those in `SHARED`.
 */
export function differences(
  live: unknown,
  desired: unknown,
  path: readonly string[] = [],
): Difference[] {
  const field = path.at(-1) ?? '';
  const key = SHARED[field];
  if (key !== undefined && Array.isArray(live) && Array.isArray(desired)) {
    return desired.flatMap((item: Fields) => {
      const place = live.findIndex((other: Fields) => other[key] === item[key]);
      return differences(live[place], item, [...path, place < 0 ? '-' : String(place)]);
    });
  }
  if (isFields(live) && isFields(desired) && !CLOSED.has(field)) {
    return Object.entries(desired).flatMap(([name, value]) =>
      differences(live[name], value, [...path, name]),
    );
  }
  return isSame(live, desired, path) ? [] : [{ path, live, desired }];
}

/** What makes the object as desired; right for that version of it alone. */
export function operations(found: readonly Difference[]): PatchOperation[] {
  return found.map(({ path, desired }) => {
    const pointer = path
      .map((part) => `/${part.replaceAll('~', '~0').replaceAll('/', '~1')}`)
      .join('');
    return desired === undefined
      ? { op: 'remove', path: pointer }
      : { op: 'add', path: pointer, value: desired };
  });
}

function isSame(live: unknown, desired: unknown, path: readonly string[]): boolean {
  if (isNothing(live) && isNothing(desired)) return true;
  if (Array.isArray(live) && Array.isArray(desired)) {
    const isAsLong = live.length === desired.length;
    return isAsLong && desired.every((item, place) => isSame(live[place], item, path));
  }
  if (isFields(live) && isFields(desired)) {
    const isClosed = path.some((name) => CLOSED.has(name));
    const names = [...Object.keys(desired), ...(isClosed ? Object.keys(live) : [])];
    return names.every((name) => isSame(live[name], desired[name], [...path, name]));
  }
  if (live === desired) return true;
  return path.some((name) => QUANTITIES.has(name)) && isSameQuantity(live, desired);
}

/** The API server leaves out what is empty. */
export function isNothing(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length === 0;
  return value === undefined || value === null || value === false || value === '' || value === 0;
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
