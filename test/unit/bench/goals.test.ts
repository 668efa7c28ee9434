import { expect, test } from 'vitest';
import { FULL } from '../../../bench/effort.ts';
import type { Figure } from '../../../bench/figure.ts';
import { allMeasures } from '../../../bench/measures/all.ts';
import { judge } from '../../../bench/report/goals.ts';

function figure(name: string, samples: Figure['samples'], at?: number): Figure {
  return {
    name,
    title: name,
    unit: 'B/s',
    better: 'higher',
    date: '2026-01-01',
    samples,
    ...(at === undefined ? {} : { at }),
  };
}

function judged(name: string, ...figures: Figure[]) {
  const goal = judge(figures).find((one) => one.name === name);
  if (goal === undefined) throw new Error(`There is no goal ${name}`);
  return goal;
}

test('a goal beside a peer is judged by the median of the ratios of the rounds', () => {
  const samples = { chaosgate: [30, 32, 34], toxiproxy: [10, 10, 10] };
  expect(judged('throughput-1-to-toxiproxy', figure('throughput-1', samples))).toMatchObject({
    value: 3.2,
    rounds: 3,
    met: true,
    tie: false,
  });
});

test('a goal that the rounds are too far apart to tell of is a tie', () => {
  const samples = { chaosgate: [10, 16, 22], toxiproxy: [10, 10, 10] };
  expect(judged('throughput-1-to-toxiproxy', figure('throughput-1', samples))).toMatchObject({
    met: true,
    tie: true,
  });
});

test('a goal without figures is neither met nor a tie', () => {
  expect(judged('connects-to-toxiproxy')).toMatchObject({
    value: undefined,
    rounds: 0,
    met: false,
    tie: false,
  });
});

test('an upper bound is met from below', () => {
  expect(judged('memory-process', figure('memory-process', { chaosgate: [61e6] })).met).toBe(false);
  expect(judged('memory-process', figure('memory-process', { chaosgate: [59e6] })).met).toBe(true);
});

test('growth compares what one costs among the most with among the fewest', () => {
  const family = [10, 100, 1_000].map((at) =>
    figure(`gates-${at}-live`, { chaosgate: [at === 1_000 ? 3 : 2] }, at),
  );
  expect(judged('growth-gates-live', ...family)).toMatchObject({ value: 1.5, met: false });
});

test('the title of growth says how many are measured', () => {
  const most = FULL.connections.at(-1)?.toLocaleString('en');
  expect(judged('growth-connections-time').title).toBe(`Time per connection, of ${most} to of 10`);
});

test('the generator is held against the fastest proxy of each round', () => {
  const samples = { direct: [40, 40], chaosgate: [10, 25], haproxy: [20, 10], toxiproxy: [5, 5] };
  expect(judged('load-1', figure('throughput-1', samples)).value).toBeCloseTo(1.8);
});

test('how far the bandwidth is off is held against how far Toxiproxy is off, in both directions', () => {
  const samples = { chaosgate: [99e6], toxiproxy: [110e6] };
  const goal = judged('bandwidth-deviation', figure('bandwidth', samples));
  expect(goal.value).toBeCloseTo(-0.09);
  expect(goal.met).toBe(true);
});

test('nothing that is declared has the name of another one', () => {
  const goals = judge([]).map(({ name }) => name);
  expect(goals).toEqual([...new Set(goals)]);
  const figures = allMeasures(FULL).flatMap((measure) => measure.figures);
  const names = figures.map(({ name }) => name);
  expect(names).toEqual([...new Set(names)]);
  const sections = [...new Set(figures.flatMap(({ section }) => section ?? []))];
  expect(new Set(sections.map(({ name }) => name)).size).toBe(sections.length);
});
