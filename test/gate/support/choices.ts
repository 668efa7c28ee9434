import { type Bench, startBench } from './bench.ts';
import { settled } from './time.ts';

/** A gate, and so many connections of it, in the order of their numbers. */
export interface Choosing {
  readonly bench: Bench;
  /** Numbers of the connections whose bytes that direction loses now. */
  readonly chosen: (direction: 'toServer' | 'toClient') => Promise<number[]>;
}

export async function choosing(count: number, patch: Record<string, unknown>): Promise<Choosing> {
  const bench = await startBench(patch);
  const pairs = await bench.openMany(count);
  return {
    bench,
    async chosen(direction) {
      const [sender, receiver] =
        direction === 'toServer'
          ? (['client', 'server'] as const)
          : (['server', 'client'] as const);
      const before = pairs.map((pair) => pair[receiver].length);
      const read = bench.told.bytes[direction];
      for (const pair of pairs) pair[sender].send('x');
      await bench.reads(direction, read + count);
      await settled(() => pairs.reduce((sum, pair) => sum + pair[receiver].length, 0));
      return pairs.flatMap((pair, index) =>
        pair[receiver].length === before[index] ? [index + 1] : [],
      );
    },
  };
}
