/** The campaign finds gates that lie: one that finds nothing is worth nothing. */
import { expect, test } from 'vitest';
import type { Script } from '../actors/script.ts';
import { type TimedFaults, timedFaults } from '../plan/faults.ts';
import type { Planned, Step, Weights } from '../plan/plan.ts';
import { type Lie, LyingTarget } from '../targets/lyingTarget.ts';
import type { Asked } from '../targets/target.ts';
import { World } from '../world.ts';

const SERVER_HOST = '127.0.0.1';

/** Connections alone: what is found then is the lie. */
const OPEN: Weights = {
  ...{ open: 1, patch: 0, recreate: 0, disconnect: 0, offend: 0 },
  ...{ kill: 0, fillDisk: 0, attack: 0, failUpstream: 0 },
};

async function problemsOf(
  lie: Lie,
  what: { readonly weights?: Weights; readonly steps?: readonly Planned[] } = {},
): Promise<string> {
  const options = { seed: 3, milliseconds: 60_000, maxEnds: 100, limitBytes: 0, ...what };
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
  expect(await problemsOf(lie, { weights: OPEN })).toMatch(found);
});

test('a gate that runs no fault at all is found out', async () => {
  expect(await problemsOf((data) => data)).toMatch(/ passed |under a delay/);
});

const TALK: Script = {
  totalBytes: 1_000_000,
  writeBytes: 1_000,
  pauseMilliseconds: 10,
  ending: 'stay',
};

/** Connections that talk, of which a gate drops all for a second. */
function dropping(timed: Omit<TimedFaults, 'faults'>): Planned[] {
  const drop = timedFaults({ toServer: { drop: {} }, toClient: { drop: {} } }, timed);
  const steps: [Step, number][] = [
    [{ do: 'open', gate: 0, scripts: [TALK, TALK, TALK] }, 500],
    [{ do: 'patch', gate: 0, ...drop }, 2_500],
    [{ do: 'settle', by: 'patch' }, 0],
  ];
  return steps.map(([step, pauseMilliseconds]) => ({ step, pauseMilliseconds }));
}

const drops = ({ config }: Asked) => config.toServer.drop !== undefined;
const NOTHING = Buffer.alloc(0);

/** Does what it is asked for. */
const honest: Lie = (data, _seen, _socket, asked, age) => {
  const { durationSeconds = Number.POSITIVE_INFINITY, suspend } = asked.run;
  return drops(asked) && !suspend && age < durationSeconds * 1_000 ? NOTHING : data;
};

test.each<[string, Omit<TimedFaults, 'faults'>, Lie]>([
  [
    'does not end its faults',
    { durationSeconds: 1 },
    (data, _seen, _socket, asked) => (drops(asked) ? NOTHING : data),
  ],
  [
    'has faults in force that are suspended',
    { suspend: true },
    (data, _seen, _socket, asked) => (drops(asked) ? NOTHING : data),
  ],
])('a gate that %s is found out, and one that does as it says is not', async (_, timed, lie) => {
  expect(await problemsOf(lie, { steps: dropping(timed) })).toMatch(/are missing|and was/);
  expect(await problemsOf(honest, { steps: dropping(timed) })).toBe('');
});

test('a gate that ends its faults early is found out', async () => {
  const steps = dropping({ durationSeconds: 2 });
  expect(await problemsOf((data) => data, { steps })).toMatch(/bytes passed drop/);
});
