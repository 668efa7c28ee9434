import { describe, expect, test } from 'vitest';
import type { Chunk } from '../../../../src/gate/chunk.ts';
import { Window } from '../../../../src/gate/faults/substitute/window.ts';

const chunk = (text: string, offset: number, arrivedAt = 0): Chunk => ({
  data: Buffer.from(text),
  arrivedAt,
  offset,
  changedBy: [],
});

describe('the window on a stream', () => {
  test('lets bytes go in the pieces in which they came, with their place and time', () => {
    const window = new Window();
    window.push(chunk('abc', 0, 1));
    window.push(chunk('def', 3, 2));
    expect(window.slice(1, 5).toString()).toBe('bcde');
    expect(window.drop(1)).toBe(1);
    expect(window.take(4).map(({ data, ...rest }) => [data.toString(), rest])).toEqual([
      ['bc', { offset: 1, arrivedAt: 1, changedBy: [] }],
      ['d', { offset: 3, arrivedAt: 2, changedBy: [] }],
    ]);
    expect(window.length).toBe(2);
    expect(window.take(100).map(({ data }) => data.toString())).toEqual(['ef']);
  });

  test('knows what is before a place, also when that is gone', () => {
    const window = new Window();
    window.push(chunk('a\n', 0));
    expect([0, 1, 2].map((place) => window.before(place))).toEqual(['edge', 'word', 'newline']);
    window.take(2);
    expect(window.before(2)).toBe('newline');
    window.push(chunk('-b', 2));
    window.push(chunk('c', 4));
    window.take(3);
    window.push(chunk('d', 5));
    expect([3, 4, 5].map((place) => window.before(place))).toEqual(['other', 'word', 'word']);
  });

  test('takes what it sees first for the middle of the stream, unless it is the start', () => {
    const window = new Window();
    window.push(chunk('a', 7));
    expect(window.before(7)).toBe('other');
    expect(window.take(8)[0]?.offset).toBe(7);
  });

  test('keeps nothing when all is gone, so that an idle connection takes no memory', () => {
    const window = new Window();
    window.push(chunk('abc', 0));
    window.push(chunk('def', 3));
    window.take(6);
    expect(window.bytes.buffer.byteLength).toBe(0);
  });

  test('gets single bytes behind a long piece without copying it for each', () => {
    const window = new Window();
    window.push(chunk('a'.repeat(10_000), 0));
    const stores = new Set<ArrayBufferLike>();
    for (let at = 10_000; at < 60_000; at += 1) {
      window.push(chunk('b', at));
      stores.add(window.bytes.buffer);
    }
    expect(stores.size).toBeLessThan(5);
    expect(window.slice(9_999, 10_001).toString()).toBe('ab');
    expect(window.length).toBe(60_000);
  });
});
