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

test('a plan has something of every kind, and nothing of a gate or target that there is not', () => {
  const steps = first(3_000, 1).map(({ step }) => step);
  const kinds = ['attack', 'disconnect', 'fillDisk', 'kill', 'offend', 'open', 'patch', 'settle'];
  expect([...new Set(steps.map((step) => step.do))].sort()).toEqual(kinds);
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
