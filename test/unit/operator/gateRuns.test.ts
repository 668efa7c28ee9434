import { beforeEach, expect, test } from 'vitest';
import type { LinkState } from '../../../src/control/link.ts';
import { GateRuns } from '../../../src/operator/gateRuns.ts';
import { nextRun } from '../../../src/operator/run.ts';
import { HandClock } from '../time/support/handClock.ts';
import { aGate, heard } from './fixtures.ts';

const KEY = 'staging/postgres';
const LIMITS = { defaultDurationSeconds: 3_600, maxDurationSeconds: 7_200 };
const gate = aGate({ toClient: { drop: {} }, durationSeconds: 60 });
const RUN = nextRun(undefined, gate.spec, LIMITS);

let clock: HandClock;
let told: string[];
let runs: GateRuns;

beforeEach(() => {
  clock = new HandClock();
  told = [];
  runs = new GateRuns({
    clock,
    limits: LIMITS,
    onUpgraded: (_, { durationSeconds }) => told.push(`upgraded ${durationSeconds}`),
    onShortened: (_, { durationSeconds }) => told.push(`shortened ${durationSeconds}`),
  });
});

/** A proxy that runs the faults of that run, which it will for so many milliseconds. */
function running(number: number, remaining: number, generation = 3): LinkState {
  const state = remaining > 0 ? ('InForce' as const) : ('Ended' as const);
  const report = { generation, run: { number, state } };
  return { ...heard(report), endsAt: clock.monotonic() + remaining };
}

const next = (
  links: readonly LinkState[],
  stored?: { endTime?: number; run?: typeof RUN; hasEnded?: boolean },
) =>
  runs.next(KEY, gate, {
    stored: stored && { hasEnded: false, ...stored, run: stored.run, endTime: stored.endTime },
    links,
  });

test('a run begins at once where a proxy can be heard', async () => {
  expect(next([heard({ generation: 2 })])).toEqual({
    ...RUN,
    number: 2,
    endsAt: 60_000,
    endTime: '2026-01-02T03:05:05.678Z',
    hasEnded: false,
  });
  await clock.advance(30_000);
  expect(next([running(2, 30_500)])).toMatchObject({ number: 2, endsAt: 60_000 });
  expect(runs.current(KEY)).toMatchObject({ endsAt: 60_000 });
});

test('a run begins with the first report of it where none can be', async () => {
  expect(next([])).toMatchObject({ endsAt: undefined, endTime: undefined });
  await clock.advance(500_000);
  expect(next([heard({ generation: 2 })])).toMatchObject({ endsAt: undefined });
  expect(next([running(1, 60_000)])).toMatchObject({ endsAt: 560_000 });
});

test('a new leader goes on with the stored run, and takes the end that a proxy keeps for the true one', async () => {
  const stored = { run: { ...RUN, number: 4 }, endTime: clock.wall() + 20_000 };
  expect(next([], stored)).toMatchObject({ number: 4, endsAt: 20_000 });
  expect(next([running(4, 45_000)], stored)).toMatchObject({
    number: 4,
    endsAt: 45_000,
    endTime: '2026-01-02T03:04:50.678Z',
  });
  expect(told).toEqual([]);
});

test('a stored end is never later than the whole run', () => {
  const stored = { run: RUN, endTime: clock.wall() + 500_000 };
  expect(next([], stored)).toMatchObject({ endsAt: 60_000 });
});

test('an end in the past stays what it is: a proxy does not tell how long ago that was', () => {
  const stored = { run: RUN, endTime: clock.wall() - 3_600_000 };
  expect(next([running(1, 0)], stored)).toMatchObject({ endTime: '2026-01-02T02:04:05.678Z' });
});

test('a run that a proxy has ended has ended, whatever the clock of this machine says', () => {
  const stored = { run: RUN, endTime: clock.wall() + 30_000 };
  expect(next([running(1, 0)], stored)).toMatchObject({ endsAt: 0, hasEnded: true });
  expect(next([running(1, 0)])).toMatchObject({ endsAt: 0, hasEnded: true });
});

test('a run that a proxy has ended does not come back for a new leader with a slow clock', () => {
  const stored = { run: RUN, endTime: clock.wall() + 30_000, hasEnded: true };
  expect(next([], stored)).toMatchObject({ endsAt: 0, hasEnded: true });
});

test('a record that was lost is that of a proxy that runs this generation', () => {
  expect(next([running(9, 10_000)])).toMatchObject({ number: 9, endsAt: 10_000 });
});

test('a record that was lost is found when the proxy is heard', () => {
  expect(next([])).toMatchObject({ number: 1 });
  expect(next([running(9, 10_000)])).toMatchObject({ number: 9, endsAt: 10_000 });
});

test('of a record that was lost and an older generation nothing is known: it is a run of its own', () => {
  expect(next([running(9, 10_000, 2)])).toMatchObject({ number: 10, endsAt: 60_000 });
});

test('faults of before there were ends get one, and it is told once', () => {
  const old = aGate({ toClient: { drop: {} } });
  const known = {
    stored: { run: undefined, endTime: undefined, hasEnded: false },
    links: [heard()],
  };
  expect(runs.next(KEY, old, known)).toMatchObject({ number: 1, endsAt: 3_600_000 });
  runs.next(KEY, old, known);
  expect(told).toEqual(['upgraded 3600']);
  runs.next('staging/other', aGate(), known);
  expect(told).toHaveLength(1);
});

test('a run that is shortened is told once', () => {
  const long = aGate({ toClient: { drop: {} }, durationSeconds: 9_000 });
  for (const links of [[], [heard()]]) runs.next(KEY, long, { stored: undefined, links });
  expect(told).toEqual(['shortened 7200']);
});

test('a gate of the same name that was made since has runs of its own', () => {
  next([running(9, 10_000)]);
  const { metadata, spec } = gate;
  const other = { metadata: { ...metadata, uid: 'other', generation: 1 }, spec };
  expect(runs.next(KEY, other, { stored: undefined, links: [] })).toMatchObject({ number: 1 });
  runs.forget(KEY);
  expect(runs.current(KEY)).toBeUndefined();
});
