import { expect, test } from 'vitest';
import {
  durationOf,
  NO_LIMITS,
  nextRun,
  type StoredRun,
  storedRun,
} from '../../../src/operator/run.ts';
import { snapshotOf, storedSnapshotOf } from '../../../src/operator/snapshot.ts';
import { aGate, aRun } from './fixtures.ts';

const DELAY = { toClient: { delay: { milliseconds: 300 } } };
const LIMITS = { defaultDurationSeconds: 3_600, maxDurationSeconds: 7_200 };

const first = nextRun(undefined, aGate(DELAY).spec, LIMITS);

test.each([
  ['toServer', { ...DELAY, toServer: { drop: {} } }],
  ['toClient', { toClient: { delay: { milliseconds: 301 } } }],
  ['newConnections', { ...DELAY, newConnections: 'Hold' }],
  ['durationSeconds', { ...DELAY, durationSeconds: 3_600 }],
  ['suspend', { ...DELAY, suspend: true }],
  ['faultsNonce', { ...DELAY, faultsNonce: 'again' }],
])('a change of %s starts a run', (_, spec) => {
  expect(nextRun(first, aGate(spec).spec, LIMITS).number).toBe(2);
});

test.each([
  ['the same spec', DELAY],
  ['a default that is written out', { ...DELAY, suspend: false, newConnections: 'Accept' }],
  ['the order of fields', { suspend: false, ...DELAY, seed: 0 }],
  ['the upstream', { ...DELAY, upstream: { host: 'other', port: 1 } }],
  ['the port', { ...DELAY, listen: { port: 80 } }],
  ['a disconnect', { ...DELAY, disconnect: { nonce: '1' } }],
  ['the seed', { ...DELAY, seed: 7 }],
])('%s starts none', (_, spec) => {
  expect(nextRun(first, aGate(spec).spec, LIMITS)).toBe(first);
});

test('changed limits are for later runs', () => {
  expect(nextRun(first, aGate(DELAY).spec, NO_LIMITS)).toBe(first);
});

test('a run has a higher number than any that a proxy has reported', () => {
  expect(nextRun(first, aGate().spec, LIMITS, 7).number).toBe(8);
});

test.each([
  [{}, LIMITS, undefined],
  [{ durationSeconds: 60 }, LIMITS, undefined],
  [{ ...DELAY, suspend: true, durationSeconds: 60 }, LIMITS, undefined],
  [DELAY, LIMITS, 3_600],
  [{ newConnections: 'Refuse' }, LIMITS, 3_600],
  [{ ...DELAY, durationSeconds: 60 }, LIMITS, 60],
  [{ ...DELAY, durationSeconds: 9_000 }, LIMITS, 7_200],
  [DELAY, { ...LIMITS, defaultDurationSeconds: 0 }, 7_200],
  [DELAY, { ...LIMITS, defaultDurationSeconds: 9_000 }, 7_200],
  [DELAY, NO_LIMITS, undefined],
  [{ ...DELAY, durationSeconds: 9_000 }, NO_LIMITS, 9_000],
])('the faults of %j last, under %j, %s seconds', (spec, limits, seconds) => {
  expect(durationOf(aGate(spec).spec, limits)).toBe(seconds);
});

function stored(spec: object, run = nextRun(undefined, aGate(spec).spec, LIMITS)): string {
  const gate = aGate(spec);
  const current = aRun({ ...run, endTime: '2026-01-02T03:04:05Z' });
  return JSON.stringify(storedSnapshotOf(snapshotOf(gate, undefined, run), gate.spec, current));
}

test('what is stored of a run is that run, read by the schema of today', () => {
  const read: StoredRun | undefined = storedRun(stored(DELAY));
  expect(read).toEqual({
    run: first,
    endTime: Date.parse('2026-01-02T03:04:05Z'),
    hasEnded: false,
  });
  const older = JSON.parse(stored(DELAY));
  delete older.config.toServer;
  delete older.startedFor.suspend;
  expect(storedRun(JSON.stringify(older))).toEqual(read);
});

test('what was stored before there were runs has none, and what is no snapshot is nothing', () => {
  const { run: _, startedFor: _s, ...old } = JSON.parse(stored(DELAY));
  expect(storedRun(JSON.stringify(old))).toEqual({
    run: undefined,
    endTime: undefined,
    hasEnded: false,
  });
  expect(['', '{', '[]', '{"generation":0}'].map(storedRun)).toEqual(Array(4).fill(undefined));
});
