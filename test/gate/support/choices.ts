import { type GateHarness, startHarness } from './harness.ts';
import { untilStable } from './time.ts';

/** A gate, and so many connections of it, in the order of their numbers. */
export interface Choosing {
  readonly harness: GateHarness;
  /** Numbers of the connections whose bytes that direction loses now. */
  readonly chosen: (direction: 'toServer' | 'toClient') => Promise<number[]>;
}

export async function choosing(count: number, patch: Record<string, unknown>): Promise<Choosing> {
  const harness = await startHarness(patch);
  const pairs = await harness.openMany(count);
  return {
    harness,
    async chosen(direction) {
      const [sender, receiver] =
        direction === 'toServer'
          ? (['client', 'server'] as const)
          : (['server', 'client'] as const);
      const before = pairs.map((pair) => pair[receiver].length);
      const read = harness.observed.bytes[direction];
      for (const pair of pairs) pair[sender].send('x');
      await harness.reads(direction, read + count);
      await untilStable(() => pairs.reduce((sum, pair) => sum + pair[receiver].length, 0));
      return pairs.flatMap((pair, index) =>
        pair[receiver].length === before[index] ? [index + 1] : [],
      );
    },
  };
}
