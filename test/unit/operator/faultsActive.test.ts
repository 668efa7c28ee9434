import { describe, expect, test } from 'vitest';
import type { Report } from '../../../src/control/messages.ts';
import { faultsActiveObservation } from '../../../src/operator/faultsActive.ts';
import { aGate, aPod, aRun, heard, observed, type Seen } from './fixtures.ts';

const FAULTS = { toClient: { drop: {} } };
const END = { endsAt: 1, endTime: '2026-01-02T03:04:05Z' };

function active(changes: Partial<Seen>): string {
  const { status, reason } = faultsActiveObservation(observed(changes));
  return `${status} ${reason}`;
}

const saying = (...reports: Partial<Report>[]): Partial<Seen> => ({
  gate: aGate(FAULTS),
  pods: reports.map((_, index) => aPod({ uid: `pod-${index}` })),
  links: new Map(reports.map((report, index) => [`pod-${index}`, heard(report)])),
});

const state = (state: NonNullable<Report['run']>['state'], number = 1) => ({
  run: { number, state },
});

describe('FaultsActive', () => {
  test.each([
    ['True InForce', [state('InForce')]],
    ['True InForce', [state('Ended'), state('InForce')]],
    ['False Ended', [state('Ended'), state('Ended')]],
    ['False Suspended', [state('Suspended')]],
    ['False Lever', [state('Lever')]],
    ['False Released', [state('Released')]],
    ['False NoFaults', [state('NoFaults')]],
    ['Unknown Programming', [state('Ended', 2)]],
    ['Unknown Programming', [state('Ended'), { ...state('Ended'), generation: 2 }]],
    ['Unknown Programming', []],
  ])('is %s where the proxies say %j', (is, reports) => {
    expect(active(saying(...reports))).toBe(is);
  });

  test('is not known while a running proxy is silent, and one that ends is not waited for', () => {
    const silent = aPod({ uid: 'silent' });
    const heardOne = saying(state('Ended'));
    const pods = [...(heardOne.pods ?? []), silent];
    expect(active({ ...heardOne, pods })).toBe('Unknown ProxyUnreachable');
    const ending = [...(heardOne.pods ?? []), { ...silent, terminating: true }];
    expect(active({ ...heardOne, pods: ending })).toBe('False Ended');
  });

  test('goes by the faults of a proxy that knows of no runs', () => {
    const { run: _, ...old } = heard({ faults: 'toClient drop' }).report ?? {};
    const links = new Map([['pod-1', { report: old as Report, rejected: undefined }]]);
    expect(active({ links })).toBe('True InForce');
    const none = new Map([
      ['pod-1', { report: { ...old, faults: 'none' } as Report, rejected: undefined }],
    ]);
    expect(active({ links: none })).toBe('False NoFaults');
  });

  test.each([
    [{}, aRun(), 'until somebody lifts them'],
    [
      { durationSeconds: 60 },
      aRun({ durationSeconds: 60, ...END }),
      'until 2026-01-02T03:04:05Z: for 60 s, as spec.durationSeconds says',
    ],
    [{}, aRun({ durationSeconds: 3_600, ...END }), 'for 3600 s, the default of this installation'],
    [
      { durationSeconds: 90 },
      aRun({ durationSeconds: 60, ...END }),
      'instead of the 90 s of spec.durationSeconds',
    ],
  ])('says which end the faults of %j have', (spec, run, text) => {
    const { message } = faultsActiveObservation(
      observed({ ...saying(state('InForce')), gate: aGate({ ...FAULTS, ...spec }), run }),
    );
    expect(message).toContain(text);
  });
});
