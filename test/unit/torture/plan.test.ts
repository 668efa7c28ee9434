import { expect, test } from 'vitest';
import { type Planned, plan } from '../../torture/plan/plan.ts';
import { Random } from '../../torture/random.ts';

const SHAPE = { gates: 5, targets: 3 };

function first(count: number, seed: number): Planned[] {
  return plan(new Random(seed), SHAPE).take(count).toArray();
}

test('the same seed makes the same plan, another one another', () => {
  expect(first(500, 7)).toEqual(first(500, 7));
  expect(first(500, 7)).not.toEqual(first(500, 8));
});

test('a plan has something of every kind, and nothing of a gate or host that there is not', () => {
  const steps = first(3_000, 1).map(({ step }) => step);
  expect([...new Set(steps.map((step) => step.do))].sort()).toEqual([
    ...['attack', 'disconnect', 'failUpstream', 'fillDisk', 'kill', 'offend', 'open', 'patch'],
    ...['recreate', 'settle'],
  ]);
  for (const step of steps) {
    if ('gate' in step) expect(step.gate).toBeLessThan(SHAPE.gates);
    if ('target' in step) expect(step.target).toBeLessThan(SHAPE.targets);
  }
});

test('all twelve faults are drawn, in both directions', () => {
  const drawn = { toServer: new Set<string>(), toClient: new Set<string>() };
  for (const { step } of first(3_000, 2)) {
    if (step.do !== 'patch') continue;
    for (const direction of ['toServer', 'toClient'] as const) {
      for (const name of Object.keys(step.faults[direction])) drawn[direction].add(name);
    }
  }
  // And `connectionsPercent`.
  expect(drawn.toServer.size).toBe(13);
  expect(drawn.toClient).toEqual(drawn.toServer);
});

test('some faults end by themselves, and some are suspended; everything passes in each of the ways', () => {
  const steps = first(20_000, 3).map(({ step }) => step);
  const patches = steps.filter((step) => step.do === 'patch');
  const share = (of: (patch: (typeof patches)[number]) => boolean) =>
    patches.filter(of).length / patches.length;
  expect(share(({ durationSeconds }) => durationSeconds !== undefined)).toBeGreaterThan(0.2);
  expect(share(({ suspend }) => suspend === true)).toBeGreaterThan(0.04);
  const ways = steps.flatMap((step) => (step.do === 'settle' ? step.by : []));
  expect([...new Set(ways)].sort()).toEqual(['end', 'lever', 'patch', 'suspend']);
});
