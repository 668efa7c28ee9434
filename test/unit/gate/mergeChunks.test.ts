import { expect, test } from 'vitest';
import type { Chunk } from '../../../src/gate/chunk.ts';
import { mergeChunks } from '../../../src/gate/mergeChunks.ts';

function chunk(text: string, offset: number, rest: Partial<Chunk> = {}): Chunk {
  return { data: Buffer.from(text), arrivedAt: 0, offset, changedBy: [], ...rest };
}

test('chunks that follow one another become one, which came with the last of them', () => {
  const chunks = [
    chunk('ab', 7, { arrivedAt: 1 }),
    chunk('c', 9, { arrivedAt: 2 }),
    chunk('de', 10, { arrivedAt: 4 }),
  ];
  expect(mergeChunks(chunks)).toEqual([chunk('abcde', 7, { arrivedAt: 4 })]);
});

test('a chunk on its own is not copied', () => {
  const alone = chunk('ab', 0);
  expect(mergeChunks([alone])[0]).toBe(alone);
});

test('chunks that passed other faults, or do not follow one another, stay apart', () => {
  const changed = { changedBy: ['corrupt'] };
  const chunks = [
    chunk('a', 0, changed),
    chunk('b', 1, changed),
    chunk('c', 2),
    chunk('d', 3),
    chunk('e', 7),
  ];
  expect(mergeChunks(chunks)).toEqual([chunk('ab', 0, changed), chunk('cd', 2), chunk('e', 7)]);
});

test('nothing becomes nothing', () => {
  expect(mergeChunks([])).toEqual([]);
});
