/**
 * A number in [0, 1) that depends on the keys alone: the same in every process and on every machine.
 * Each 32-bit key is mixed in with the finaliser of MurmurHash3 (public domain, Austin Appleby), which turns
 * keys that differ in one bit into unrelated numbers. Not for secrets.
 */
export function keyedRandom(...keys: readonly number[]): number {
  let hash = 0;
  for (const key of keys) {
    // Offsets pass 2^32 on long streams: the upper half counts too.
    hash = mix(hash ^ (key >>> 0));
    hash = mix((hash ^ Math.floor(key / 2 ** 32)) + 0x9e3779b9);
  }
  return (hash >>> 0) / 2 ** 32;
}

function mix(value: number): number {
  let hash = value | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
