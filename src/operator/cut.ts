import { createHash } from 'node:crypto';
import { CLOSED, type Fields, isFields, isNothing, SHARED } from './differences.ts';

/** Longest text that is kept, in characters. */
const TEXT_LIMIT = 512;

/** Places of a list, from its first on, in which an item keeps its place. */
const PLACES = 100;

/** In the place of an item that is somebody else's. */
const OTHER = Object.freeze({});

/**
 * Of `live`, what `differences` needs to find the same fields different from `desired`: fields that it names, and of all
 * others only that they are there. What is long is there as its hash, so both sides have to be cut before they are
 * compared. The result is about as large as `desired`, however large `live` is; to cut it again changes nothing.
 */
export function cutTo(live: unknown, desired: unknown, field = '', isClosed = false): unknown {
  if (isHash(live)) return live;
  const closed = isClosed || CLOSED.has(field);
  if (Array.isArray(live) && Array.isArray(desired)) {
    const key = SHARED[field];
    return key === undefined ? cutItems(live, desired, closed) : cutShared(live, desired, key);
  }
  if (isFields(live) && isFields(desired)) {
    const names = Object.keys(desired).filter((name) => Object.hasOwn(live, name));
    return Object.fromEntries([
      ...names.map((name) => [name, cutTo(live[name], desired[name], name, closed)]),
      ...(closed ? cutOthers(live, desired) : []),
    ]);
  }
  return short(live);
}

/** All fields that are too many, as one. */
function cutOthers(live: Fields, desired: Fields): [string, unknown][] {
  const others = Object.entries(live).filter(
    ([name, value]) => !Object.hasOwn(desired, name) && !isNothing(value),
  );
  const [first] = others;
  if (first === undefined) return [];
  const isCut = others.length === 1 && isHash(first[1]);
  return [[first[0].slice(0, TEXT_LIMIT), isCut ? first[1] : hashOf(JSON.stringify(others))]];
}

/** All items that are too many are one. */
function cutItems(
  live: readonly unknown[],
  desired: readonly unknown[],
  closed: boolean,
): unknown[] {
  const items = live
    .slice(0, desired.length)
    .map((item, place) => cutTo(item, desired[place], '', closed));
  const more = live.slice(desired.length);
  if (more.length === 0) return items;
  return [...items, more.length === 1 && isHash(more[0]) ? more[0] : hashOf(JSON.stringify(more))];
}

/** Items keep their places, which are named in patches. */
function cutShared(live: readonly unknown[], desired: readonly unknown[], key: string): unknown[] {
  const wanted = new Map(desired.filter(isFields).map((item) => [item[key], item]));
  return live.slice(0, PLACES).map((item) => {
    const same = isFields(item) ? wanted.get(item[key]) : undefined;
    return same === undefined ? OTHER : cutTo(item, same);
  });
}

function short(value: unknown): unknown {
  if (typeof value === 'string') return value.length > TEXT_LIMIT ? hashOf(value) : value;
  if (typeof value !== 'object' || value === null) return value;
  return Object.keys(value).length === 0 || isHash(value) ? value : hashOf(JSON.stringify(value));
}

function hashOf(text: string): object {
  return { sha256: createHash('sha256').update(text).digest('hex') };
}

function isHash(value: unknown): boolean {
  if (!isFields(value) || typeof value.sha256 !== 'string') return false;
  return value.sha256.length === 64 && Object.keys(value).length === 1;
}
