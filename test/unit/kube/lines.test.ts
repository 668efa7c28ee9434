import fc from 'fast-check';
import { expect, test } from 'vitest';
import { splitLines } from '../../../src/kube/lines.ts';

async function* reads(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  let at = 0;
  for (const size of sizes) {
    yield bytes.subarray(at, at + size);
    at += size;
  }
  yield bytes.subarray(at);
}

test('lines come out whole, however they are cut into reads', async () => {
  const line = fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll('\n', ''));
  await fc.assert(
    fc.asyncProperty(fc.array(line), fc.array(fc.nat(8)), async (lines, sizes) => {
      const bytes = Buffer.from(lines.map((each) => `${each}\n`).join(''));
      expect(await Array.fromAsync(splitLines(reads(bytes, sizes)))).toEqual(lines);
    }),
  );
});

test('a last line that does not end is an error', async () => {
  await expect(Array.fromAsync(splitLines(reads(Buffer.from('a\nb'), [])))).rejects.toThrow(
    'inside of a line',
  );
});

test('a line without an end does not fill the memory', async () => {
  const mebibyte = Buffer.alloc(1024 * 1024, 'x');
  let taken = 0;
  async function* endless() {
    for (; taken < 64; taken += 1) yield mebibyte;
  }
  await expect(Array.fromAsync(splitLines(endless()))).rejects.toThrow('longer than');
  expect(taken).toBe(32);
});
