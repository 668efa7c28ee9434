import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Chunk } from '../../../src/gate/chunk.ts';
import { Queue } from '../../../src/gate/queue.ts';

function chunkOf(text: string, offset: number, changedBy: readonly string[] = []): Chunk {
  return { data: Buffer.from(text), arrivedAt: offset, offset, changedBy };
}

function textOf(chunks: readonly Chunk[]): string[] {
  return chunks.map(({ data }) => data.toString());
}

describe('a queue of bytes', () => {
  test('gives them out in other pieces than they came in', () => {
    const queue = new Queue();
    queue.push(chunkOf('hello', 0));
    queue.push(chunkOf('world', 5));
    expect(textOf(queue.take(7))).toEqual(['hellowo']);
    expect([queue.bytes, queue.offset]).toEqual([3, 7]);
    expect(textOf(queue.take(10))).toEqual(['rld']);
    expect([queue.bytes, queue.offset]).toEqual([0, undefined]);
  });

  test('keeps apart what passed different faults', () => {
    const queue = new Queue();
    queue.push(chunkOf('hello', 0, ['corrupt']));
    queue.push(chunkOf('world', 5));
    expect(textOf(queue.take(10))).toEqual(['hello', 'world']);
  });

  test('drained, it hands over what has not left, as it came', () => {
    const queue = new Queue();
    queue.push(chunkOf('hello', 0));
    queue.push(chunkOf('world', 5));
    queue.take(2);
    const rest = queue.drain();
    expect(rest.map(({ offset, arrivedAt }) => [offset, arrivedAt])).toEqual([
      [2, 0],
      [5, 5],
    ]);
    expect(textOf(rest)).toEqual(['llo', 'world']);
    expect([queue.bytes, queue.offset]).toEqual([0, undefined]);
    expect(queue.drain()).toEqual([]);
  });

  test('loses and doubles nothing', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.string({ minLength: 1 }), fc.nat(12)), { maxLength: 40 }),
        (steps) => {
          const queue = new Queue();
          let pushed = '';
          let taken = '';
          for (const step of steps) {
            if (typeof step === 'number') taken += textOf(queue.take(step)).join('');
            else queue.push({ ...chunkOf(step, pushed.length), data: Buffer.from(step, 'latin1') });
            if (typeof step === 'string') pushed += Buffer.from(step, 'latin1').toString();
          }
          taken += textOf(queue.drain()).join('');
          expect(taken).toBe(pushed);
        },
      ),
    );
  });
});
