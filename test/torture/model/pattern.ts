import { createCipheriv, createDecipheriv } from 'node:crypto';

/**
 * The bytes of the campaign: every 16 of them, at any place of any stream, say which stream they are of and where they
 * stood in it. They are the counter blocks `magic, stream, position / 16` under AES in counter mode, so that a stream can
 * be made from any position on, and a block that is found can be read.
 */
const KEY = Buffer.alloc(16, 'torture');
const MAGIC = 0x7047_a7e5;
export const BLOCK = 16;

/** Where a block stands. */
export interface Place {
  readonly stream: number;
  readonly position: number;
}

/** The bytes of a stream from a position on. */
export function bytesAt(stream: number, position: number, length: number): Buffer {
  const skipped = position % BLOCK;
  const counter = Buffer.alloc(BLOCK);
  counter.writeUInt32BE(MAGIC, 0);
  counter.writeUInt32BE(stream, 4);
  counter.writeBigUInt64BE(BigInt((position - skipped) / BLOCK), 8);
  const bytes = createCipheriv('aes-128-ctr', KEY, counter).update(Buffer.alloc(skipped + length));
  return bytes.subarray(skipped);
}

/** The first whole block in the bytes, wherever in them it begins; undefined when there is none. */
export function findBlock(data: Buffer): (Place & { readonly at: number }) | undefined {
  // Most are found within the first bytes.
  const first = data.subarray(0, 8 * BLOCK);
  return findIn(first) ?? (first.length < data.length ? findIn(data) : undefined);
}

function findIn(data: Buffer): (Place & { readonly at: number }) | undefined {
  let found: (Place & { readonly at: number }) | undefined;
  for (let offset = 0; offset < BLOCK; offset += 1) {
    const blocks = data.subarray(offset, data.length - ((data.length - offset) % BLOCK));
    if (blocks.length < BLOCK) break;
    const decipher = createDecipheriv('aes-128-ecb', KEY, null).setAutoPadding(false);
    const plain = decipher.update(blocks);
    const at = firstOf(plain);
    if (at === undefined || (found !== undefined && found.at <= offset + at)) continue;
    const position = Number(plain.readBigUInt64BE(at + 8)) * BLOCK;
    found = { at: offset + at, stream: plain.readUInt32BE(at + 4), position };
  }
  return found;
}

function firstOf(plain: Buffer): number | undefined {
  for (let at = 0; at + BLOCK <= plain.length; at += BLOCK) {
    // Nothing is as long as 2^52 bytes.
    if (plain.readUInt32BE(at) === MAGIC && plain.readUInt16BE(at + 8) === 0) return at;
  }
  return undefined;
}
