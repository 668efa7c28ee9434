import { createCipheriv, createHash } from 'node:crypto';

/** Bytes that look random and are the same for the same name: no run of them comes twice. */
export function bytesOf(length: number, name: string | number = 'bytes'): Buffer {
  const key = createHash('sha256').update(String(name)).digest();
  // The stream of the cipher itself: ten times as fast as a hash.
  return createCipheriv('aes-256-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(length));
}

/** Whether all of `part` stands in `whole` in that order, with anything left out in between. */
export function isSubsequence(part: Buffer, whole: Buffer): boolean {
  if (isPrefix(part, whole)) return true;
  let from = 0;
  for (const byte of part) {
    const at = whole.indexOf(byte, from);
    if (at === -1) return false;
    from = at + 1;
  }
  return true;
}

export function isPrefix(part: Buffer, whole: Buffer): boolean {
  return part.length <= whole.length && part.equals(whole.subarray(0, part.length));
}
