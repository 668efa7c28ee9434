/** The campaign finds gates that lie: one that finds nothing is worth nothing. */
import { expect, test } from 'vitest';
import type { Weights } from '../plan/plan.ts';
import { type Lie, LyingTarget } from '../targets/lyingTarget.ts';
import { World } from '../world.ts';

const SERVER_HOST = '127.0.0.1';

/** Connections alone: what is found then is the lie. */
const OPEN = { open: 1, patch: 0, disconnect: 0, offend: 0, kill: 0, fillDisk: 0, attack: 0 };

async function problemsOf(lie: Lie, weights?: Weights): Promise<string> {
  const options = { seed: 3, milliseconds: 60_000, maxEnds: 100, limitBytes: 0, weights };
  const stage = 'liars';
  const world = new World({ ...options, stage, serverHost: SERVER_HOST, onProblem() {} });
  const side = await world.side('gate');
  world.add(new LyingTarget(world.upstreamOf(side), lie), [side]);
  const { problems } = await world.run();
  return problems.join('\n');
}

test.each<[string, Lie, RegExp]>([
  [
    'changes a byte now and then',
    (data, seen) => {
      const copy = Buffer.from(data);
      if (seen > 2_000) copy[0] = (copy[0] ?? 0) ^ 1;
      return copy;
    },
    /byte \d+ is \d+ and was \d+/,
  ],
  [
    'loses a byte now and then',
    (data, seen) => (seen > 2_000 ? data.subarray(1) : data),
    /and was|are missing/,
  ],
  ['drops for good', (data, seen) => (seen > 2_000 ? Buffer.alloc(0) : data), /are missing/],
  [
    'says a byte twice',
    (data, seen) => (seen > 2_000 ? Buffer.concat([data, data]) : data),
    /bytes came of/,
  ],
  [
    'closes connections',
    (data, seen, socket) => {
      if (seen > 2_000) socket.destroy(new Error('for no reason'));
      return data;
    },
    /ended with|a FIN came that its sender has not sent/,
  ],
])('a gate that %s is found out', async (_, lie, found) => {
  expect(await problemsOf(lie, OPEN)).toMatch(found);
});

test('a gate that runs no fault at all is found out', async () => {
  expect(await problemsOf((data) => data)).toMatch(/ passed |under a delay/);
});
