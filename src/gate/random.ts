/**
 * A number in [0, 1) that depends on the keys alone: the same in every process and on every machine.
 * Each 32-bit key is mixed in with the finaliser of MurmurHash3 (public domain, Austin Appleby), which turns
 * keys that differ in one bit into unrelated numbers. Not for secrets.
 */
export function keyedRandom(...keys: readonly number[]): number {
  return toFraction(keys.reduce(mixKey, 0));
}

/** The same numbers by their last key, for one call per byte: `keyedSequence(a, b)(c)` is `keyedRandom(a, b, c)`. */
export function keyedSequence(...keys: readonly number[]): (key: number) => number {
  const hash = keys.reduce(mixKey, 0);
  return (key) => toFraction(mixKey(hash, key));
}

/** A key derived from a name. */
export function nameKey(name: string): number {
  return Array.from(name, (character) => character.charCodeAt(0)).reduce(mixKey, 0) >>> 0;
}

function mixKey(hash: number, key: number): number {
  // Offsets pass 2^32 on long streams: the upper half counts too.
  const half = mix(hash ^ (key >>> 0));
  return mix((half ^ Math.floor(key / 2 ** 32)) + 0x9e3779b9);
}

function mix(value: number): number {
  let hash = value | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

function toFraction(hash: number): number {
  return (hash >>> 0) / 2 ** 32;
}
