import fc from 'fast-check';
import { expect, test } from 'vitest';
import { splitLines } from '../../../src/limits/lines.ts';

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
      expect(await Array.fromAsync(splitLines(reads(bytes, sizes), 1_000_000))).toEqual(lines);
    }),
  );
});

test('a last line that does not end is an error', async () => {
  await expect(Array.fromAsync(splitLines(reads(Buffer.from('a\nb'), []), 10))).rejects.toThrow(
    'inside of a line',
  );
});

test('a line of the longest length passes, one of a byte more does not', async () => {
  const lines = (text: string, sizes: number[]) =>
    Array.fromAsync(splitLines(reads(Buffer.from(text), sizes), 4));
  for (const sizes of [[], [2], [4]]) {
    expect(await lines('1234\n1234\n', sizes)).toEqual(['1234', '1234']);
    await expect(lines('12345\n', sizes)).rejects.toThrow('longer than 4 bytes');
  }
});

test('a line without an end does not fill the memory', async () => {
  let taken = 0;
  async function* endless() {
    for (; taken < 64; taken += 1) yield Buffer.alloc(1024, 'x');
  }
  await expect(Array.fromAsync(splitLines(endless(), 8 * 1024))).rejects.toThrow('longer than');
  expect(taken).toBe(8);
});
