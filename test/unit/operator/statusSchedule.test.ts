import { describe, expect, test } from 'vitest';
import type { TcpGateStatus } from '../../../src/api/status.ts';
import {
  BURST,
  COUNT_INTERVAL,
  decideSoon,
  decideWrite,
  NO_WRITES,
  recordDecision,
  TRANSITION_DELAY,
  type WriteHistory,
} from '../../../src/operator/statusSchedule.ts';

function status(
  active: number,
  programmed: 'True' | 'Programming' | 'NoProxy' = 'True',
): TcpGateStatus {
  const base = { observedGeneration: 1, lastTransitionTime: '2026-01-01T00:00:00Z', message: '' };
  return {
    connections: { active, accepted: active },
    conditions: [
      programmed === 'True'
        ? { ...base, type: 'Programmed', status: 'True', reason: 'Programmed' }
        : { ...base, type: 'Programmed', status: 'False', reason: programmed },
      { ...base, type: 'Connected', status: active > 0 ? 'True' : 'False', reason: 'x' },
    ],
  };
}

function writesAt(...times: number[]): WriteHistory {
  return times.reduce((history, time) => recordDecision(history, 'write', time), NO_WRITES);
}

describe('a status write', () => {
  test('does not happen while nothing changes', () => {
    expect(decideWrite(status(4), status(4), NO_WRITES, 1e6)).toBe('nothing');
  });

  test('happens at once on first sight', () => {
    expect(decideWrite(undefined, status(0, 'NoProxy'), NO_WRITES, 1e6)).toBe('write');
  });

  test('happens at once when the count leaves or reaches zero', () => {
    const history = writesAt(1e6);
    expect(decideWrite(status(0), status(3), history, 1e6 + 10)).toBe('write');
    expect(decideWrite(status(3), status(0), history, 1e6 + 10)).toBe('write');
  });

  test('waits for the rest of the interval when only the count differs', () => {
    const decision = decideWrite(status(1), status(4), writesAt(1e6), 1e6 + 1_000);
    expect(decision).toEqual({ waitMs: COUNT_INTERVAL - 1_000 });
    expect(decideWrite(status(1), status(4), writesAt(1e6), 1e6 + COUNT_INTERVAL)).toBe('write');
  });

  test('comes at most once per interval in the long run, however fast zero is crossed', () => {
    let history = NO_WRITES;
    let current = status(0);
    let writes = 0;
    const seconds = 100;
    for (let now = 1e6; now < 1e6 + seconds * 1_000; now += 10) {
      const desired = status(current.connections?.active === 0 ? 1 : 0);
      const decision = decideWrite(current, desired, history, now);
      history = recordDecision(history, decision, now);
      if (decision === 'write') {
        writes += 1;
        current = desired;
      }
    }
    expect(writes).toBeGreaterThanOrEqual((seconds * 1_000) / COUNT_INTERVAL);
    expect(writes).toBeLessThanOrEqual((seconds * 1_000) / COUNT_INTERVAL + BURST);
  });

  test('spares a patch that is in force soon its passing state', () => {
    const first = decideWrite(status(4), status(4, 'Programming'), NO_WRITES, 1e6);
    expect(first).toEqual({ waitMs: TRANSITION_DELAY });
    const waiting = recordDecision(NO_WRITES, first, 1e6);
    expect(decideWrite(status(4), status(4, 'Programming'), waiting, 1e6 + TRANSITION_DELAY)).toBe(
      'write',
    );
    expect(decideWrite(status(4), status(4), waiting, 1e6 + 20)).toBe('nothing');
  });

  test('happens at once when the proxy is gone', () => {
    expect(decideWrite(status(4), status(4, 'NoProxy'), NO_WRITES, 1e6)).toBe('write');
  });
});

describe('a status write that costs next to nothing', () => {
  test('happens on every change', () => {
    const history = writesAt(1e6);
    expect(decideSoon(undefined, status(0), history, 1e6)).toBe('write');
    expect(decideSoon(status(4), status(4), history, 1e6)).toBe('nothing');
    expect(decideSoon(status(4), status(4, 'Programming'), history, 1e6)).toBe('write');
    expect(decideSoon(status(0), status(1), history, 1e6 + 50)).toBe('write');
  });

  test('gathers counts that change at the same time, for less than 50 ms', () => {
    const decision = decideSoon(status(1), status(2), writesAt(1e6), 1e6 + 1);
    expect(decision).toEqual({ waitMs: 24 });
  });
});
