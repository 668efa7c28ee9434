import { describe, expect, test } from 'vitest';
import type { TcpGateStatus } from '../../../src/api/status.ts';
import {
  BURST,
  type Decision,
  decideLocalWrite,
  decideWrite,
  INTERVAL,
  NO_WRITES,
  REST,
  recordDecision,
  TRANSITION_DELAY,
  updateHistory,
  type WriteHistory,
} from '../../../src/operator/statusSchedule.ts';

type Programmed = 'True' | 'Programming' | 'NoProxy' | 'ProxyNotReady' | 'ProxyUnreachable';

function status(
  active: number,
  programmed: Programmed = 'True',
  { generation = 1, accepted = active, upstream = 'True' } = {},
): TcpGateStatus {
  const common = {
    observedGeneration: generation,
    lastTransitionTime: '2026-01-01T00:00:00Z',
    message: '',
  };
  const condition = (type: string, is: string, reason: string) => ({
    ...common,
    type,
    status: is as 'True' | 'False',
    reason,
  });
  const is = programmed === 'True' ? 'True' : 'False';
  return {
    observedGeneration: generation,
    connections: { active, accepted },
    conditions: [
      condition('Programmed', is, programmed),
      condition('Connected', active > 0 ? 'True' : 'False', 'x'),
      condition('UpstreamReachable', upstream, 'x'),
      ...(is === 'True' ? [] : [condition('Reconciling', 'True', programmed)]),
    ],
  };
}

/** One gate's status as it is written over time, at times in milliseconds. */
class Written {
  readonly times: number[] = [];
  status: TcpGateStatus;
  #history: WriteHistory = NO_WRITES;

  constructor(status: TcpGateStatus) {
    this.status = status;
  }

  /** Decides about the status that is wanted at that time. */
  want(desired: TcpGateStatus, now: number): Decision {
    const history = updateHistory(this.#history, desired, now);
    const decision = decideWrite(this.status, desired, history, now);
    this.#history = recordDecision(history, decision, { current: this.status, desired }, now);
    if (decision === 'write') {
      this.status = desired;
      this.times.push(now);
    }
    return decision;
  }

  /** Takes so many writes from the budget, in which the upstream comes and goes. */
  spend(count: number, now: number): void {
    const before = this.status;
    for (let index = 0; index < count; index += 1) {
      this.status = status(0, 'True', { upstream: index % 2 === 0 ? 'False' : 'True' });
      this.want(status(0, 'True', { upstream: index % 2 === 0 ? 'True' : 'False' }), now);
    }
    this.status = before;
    this.times.length = 0;
  }
}

const NOW = 1e6;

describe('a status write', () => {
  test('does not happen while nothing changes', () => {
    expect(new Written(status(4)).want(status(4), NOW)).toBe('nothing');
  });

  test('happens at once on first sight', () => {
    expect(decideWrite(undefined, status(0, 'NoProxy'), NO_WRITES, NOW)).toBe('write');
    expect(decideWrite({ address: 'a:1' }, status(0, 'NoProxy'), NO_WRITES, NOW)).toBe('write');
  });

  test('happens at once when the count leaves or reaches zero', () => {
    const written = new Written(status(0));
    expect(written.want(status(3), NOW)).toBe('write');
    expect(written.want(status(0), NOW + 10)).toBe('write');
  });

  test('waits until the count rests', () => {
    const written = new Written(status(1));
    expect(written.want(status(2), NOW)).toEqual({ waitMs: REST });
    expect(written.want(status(3), NOW + 200)).toEqual({ waitMs: REST });
    expect(written.want(status(3), NOW + 300)).toEqual({ waitMs: REST - 100 });
    expect(written.want(status(3), NOW + 200 + REST)).toBe('write');
  });

  test('waits for a count that never rests, but not forever', () => {
    const written = new Written(status(1));
    for (let time = 0; time <= INTERVAL; time += 100) {
      written.want(status(2 + (time % 200) / 100), NOW + time);
    }
    expect(written.times).toEqual([NOW + INTERVAL]);
  });

  test('of a count that was there and is gone again is no news', () => {
    const written = new Written(status(0));
    expect(written.want(status(0, 'True', { accepted: 1 }), NOW)).toEqual({ waitMs: REST });
  });

  test('comes at most once per interval in the long run, however often zero is crossed', () => {
    const written = new Written(status(0));
    const seconds = 100;
    for (let time = 0; time < seconds * 1_000; time += 10) {
      written.want(status(time % 20 === 0 ? 1 : 0), NOW + time);
    }
    expect(written.times.length).toBeGreaterThanOrEqual((seconds * 1_000) / INTERVAL);
    expect(written.times.length).toBeLessThanOrEqual((seconds * 1_000) / INTERVAL + BURST);
  });

  test('comes at most once per interval in the long run, however often a condition turns', () => {
    const written = new Written(status(4));
    const seconds = 100;
    for (let time = 0; time < seconds * 1_000; time += 10) {
      const upstream = time % 20 === 0 ? 'False' : 'True';
      written.want(status(4, 'True', { upstream, accepted: time }), NOW + time);
    }
    expect(written.times.length).toBeGreaterThanOrEqual((seconds * 1_000) / INTERVAL);
    expect(written.times.length).toBeLessThanOrEqual((seconds * 1_000) / INTERVAL + BURST);
  });

  test('answers every patch at once, also when the budget is spent', () => {
    const written = new Written(status(4));
    written.spend(BURST, NOW);
    for (let generation = 2; generation < 50; generation += 1) {
      expect(written.want(status(4, 'True', { generation }), NOW)).toBe('write');
    }
  });

  test('says at once that a patch is in force which was said to be on its way', () => {
    const written = new Written(status(0));
    written.spend(BURST, NOW);
    const generation = 2;
    const onItsWay = status(0, 'Programming', { generation });
    expect(written.want(onItsWay, NOW)).toEqual({ waitMs: TRANSITION_DELAY });
    expect(written.want(onItsWay, NOW + TRANSITION_DELAY)).toBe('write');
    expect(written.want(status(0, 'True', { generation }), NOW + TRANSITION_DELAY)).toBe('write');
  });

  test('of counts leaves something for what matters more', () => {
    const written = new Written(status(1));
    written.spend(BURST - 1, NOW);
    written.want(status(2), NOW);
    expect(written.want(status(2), NOW + REST)).not.toBe('write');
    expect(written.want(status(0), NOW + REST)).toBe('write');
  });

  test('brings a count up to date within an interval, also when the budget is spent', () => {
    const written = new Written(status(1));
    written.spend(BURST, NOW);
    let now = NOW;
    for (let decision = written.want(status(2), now); decision !== 'write'; ) {
      now += decision === 'nothing' ? 0 : decision.waitMs;
      decision = written.want(status(2), now);
    }
    expect(now - NOW).toBeLessThanOrEqual(INTERVAL);
  });

  test('spares a patch that is in force soon its passing state', () => {
    const written = new Written(status(4));
    expect(written.want(status(4, 'Programming'), NOW)).toEqual({ waitMs: TRANSITION_DELAY });
    expect(written.want(status(4), NOW + 20)).toBe('nothing');
  });

  test('spares a gate that is being set up all but the states that last', () => {
    const written = new Written(status(0, 'NoProxy'));
    expect(written.want(status(0, 'ProxyUnreachable'), NOW)).toEqual({ waitMs: TRANSITION_DELAY });
    expect(written.want(status(0, 'ProxyNotReady'), NOW + 200)).toEqual({
      waitMs: TRANSITION_DELAY - 200,
    });
    expect(written.want(status(0), NOW + 300)).toBe('write');
  });

  test('happens at once when the proxy is gone', () => {
    expect(new Written(status(4)).want(status(4, 'NoProxy'), NOW)).toBe('write');
  });
});

describe('a status write that costs next to nothing', () => {
  const justWritten = { ...NO_WRITES, lastWrite: NOW };

  test('happens on every change', () => {
    expect(decideLocalWrite(undefined, status(0), justWritten, NOW)).toBe('write');
    expect(decideLocalWrite(status(4), status(4), justWritten, NOW)).toBe('nothing');
    expect(decideLocalWrite(status(4), status(4, 'Programming'), justWritten, NOW)).toBe('write');
    expect(decideLocalWrite(status(0), status(1), justWritten, NOW + 50)).toBe('write');
  });

  test('gathers counts that change at the same time, for less than 50 ms', () => {
    expect(decideLocalWrite(status(1), status(2), justWritten, NOW + 1)).toEqual({ waitMs: 24 });
  });
});
