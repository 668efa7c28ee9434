import { describe, expect, test } from 'vitest';
import type { Condition, TcpGateStatus } from '../../../src/api/status.ts';
import { eventsBetween } from '../../../src/operator/events.ts';

function status(
  faults: string,
  conditions: Partial<Record<string, Condition['status']>> = {},
): TcpGateStatus {
  return {
    faults,
    conditions: Object.entries({ Programmed: 'True', ...conditions }).map(([type, is]) => ({
      type,
      status: is as Condition['status'],
      reason: `${type}Reason`,
      message: `${type} message`,
      observedGeneration: 1,
      lastTransitionTime: '2026-01-01T00:00:00Z',
    })),
  };
}

describe('an event', () => {
  test('says what is in force when that changes', () => {
    expect(eventsBetween(status('none'), status('toServer drop'))).toEqual([
      { type: 'Normal', reason: 'Programmed', note: 'In force: toServer drop' },
    ]);
    expect(eventsBetween(status('toServer drop'), status('toServer drop'))).toEqual([]);
  });

  test('does not come before it is in force', () => {
    expect(eventsBetween(status('none'), status('toServer drop', { Programmed: 'False' }))).toEqual(
      [],
    );
  });

  test('warns of a stalled gate and of a lost upstream, once', () => {
    const bad = status('none', { Stalled: 'True', UpstreamReachable: 'False' });
    expect(eventsBetween(status('none'), bad)).toEqual([
      { type: 'Warning', reason: 'StalledReason', note: 'Stalled message' },
      { type: 'Warning', reason: 'UpstreamReachableReason', note: 'UpstreamReachable message' },
    ]);
    expect(eventsBetween(bad, bad)).toEqual([]);
  });

  test('warns of what keeps the proxy away, once for each cause, and not while it only starts', () => {
    const because = (message: string): TcpGateStatus => {
      const { conditions = [], ...rest } = status('none', { Programmed: 'False', Ready: 'False' });
      return {
        ...rest,
        conditions: conditions.map((one) =>
          one.type === 'Ready' ? { ...one, reason: 'NoProxy', message } : one,
        ),
      };
    };
    const quota = because('No proxy runs: exceeded quota');
    expect(eventsBetween(undefined, because('No proxy runs yet'))).toEqual([]);
    expect(eventsBetween(because('No proxy runs yet'), quota)).toEqual([
      { type: 'Warning', reason: 'NoProxy', note: 'No proxy runs: exceeded quota' },
    ]);
    expect(eventsBetween(quota, quota)).toEqual([]);
    expect(eventsBetween(quota, because('No proxy runs: Unschedulable'))).toHaveLength(1);
  });

  test('says that the upstream is back, but not that it was there all along', () => {
    const lost = status('none', { UpstreamReachable: 'False' });
    const there = status('none', { UpstreamReachable: 'True' });
    expect(eventsBetween(lost, there)).toMatchObject([{ type: 'Normal' }]);
    expect(eventsBetween(status('none'), there)).toEqual([]);
  });

  test('tells of connections that were closed', () => {
    const noteOf = (disconnect: TcpGateStatus['disconnect']) =>
      eventsBetween(status('none'), { ...status('none'), disconnect }).map(({ note }) => note);
    expect(noteOf({ nonce: '7', closed: 2 })).toEqual(['Closed 2 connections for nonce 7']);
    expect(noteOf({ nonce: '7', closed: 1 })).toEqual(['Closed 1 connection for nonce 7']);
    expect(noteOf({ nonce: '7', closed: 0 })).toEqual(['Closed 0 connections for nonce 7']);
    expect(noteOf({ nonce: '7' })).toEqual(['Closed connections for nonce 7']);
  });
});
