import type { Chunk } from './chunk.ts';
import { free, memory } from './memory.ts';

/**
 * The same bytes in as few chunks as there can be: one, unless the faults have changed while the bytes were held.
 * Then those that passed other faults stay apart, and none is changed twice or not at all. A chunk came when its
 * last byte came: no delay is shorter for any of its bytes.
 */
export function mergeChunks(chunks: readonly Chunk[]): Chunk[] {
  const runs: [Chunk, ...Chunk[]][] = [];
  let last: Chunk | undefined;
  for (const chunk of chunks) {
    if (last !== undefined && isContinued(last, chunk)) runs.at(-1)?.push(chunk);
    else runs.push([chunk]);
    last = chunk;
  }
  return runs.map(join);
}

function isContinued(chunk: Chunk, by: Chunk): boolean {
  return (
    by.offset === chunk.offset + chunk.data.length &&
    by.changedBy.length === chunk.changedBy.length &&
    by.changedBy.every((fault, index) => fault === chunk.changedBy[index])
  );
}

function join(run: readonly [Chunk, ...Chunk[]]): Chunk {
  const [first] = run;
  if (run.length === 1) return first;
  const { arrivedAt } = run.at(-1) ?? first;
  return { ...first, data: concat(run.map(({ data }) => data)), arrivedAt };
}

/** Takes the bytes over into memory of their own. */
function concat(parts: readonly Buffer[]): Buffer {
  const whole = memory(parts.reduce((sum, { length }) => sum + length, 0));
  let end = 0;
  for (const part of parts) {
    end += part.copy(whole, end);
    free(part);
  }
  return whole;
}
