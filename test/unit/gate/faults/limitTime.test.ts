import { describe, expect, test } from 'vitest';
import { GateHarness, openLine } from './support.ts';

describe('limitTime', () => {
  test('lets the first byte pass and start the time, and closes when it is up', () => {
    const { clock, line } = openLine({ limitTime: { milliseconds: 500 } });
    clock.advance(10_000);
    line.send('a');
    clock.advance(499);
    line.send('b');
    expect(line.closed).toBeUndefined();
    clock.advance(1);
    expect(line.closed).toEqual({ how: 'Fin', at: 10_500 });
    expect(line.text).toBe('ab');
  });

  test('closes an idle connection too', () => {
    const { clock, line } = openLine({ limitTime: { milliseconds: 500, how: 'Reset' } });
    line.send('a');
    clock.advance(10_000);
    expect(line.closed).toEqual({ how: 'Reset', at: 500 });
  });

  test('leaves a connection open that never carried a byte in its direction', () => {
    const { clock, line } = openLine({ limitTime: { milliseconds: 500 } });
    line.end();
    clock.advance(10_000);
    expect(line.closed).toBeUndefined();
    expect(line.endedAt).toBe(0);
  });

  test('counts from the opening of the connection under clock Connect', () => {
    const harness = new GateHarness({});
    const old = harness.open();
    harness.clock.advance(300);
    harness.setFaults({ limitTime: { milliseconds: 500, clock: 'Connect' } });
    const young = harness.open();
    harness.clock.advance(10_000);
    expect(old.closed?.at).toBe(500);
    expect(young.closed?.at).toBe(800);
  });

  test('closes a connection at once that is older than its time', () => {
    const { harness, clock, line } = openLine({});
    clock.advance(1_000);
    harness.setFaults({ limitTime: { milliseconds: 500, clock: 'Connect' } });
    clock.advance(0);
    expect(line.closed?.at).toBe(1_000);
  });

  test('lets nothing pass when the time is up, however late its timer is', () => {
    const { clock, line } = openLine({ limitTime: { milliseconds: 500 } });
    clock.lateness = 5;
    line.send('a');
    clock.advance(502);
    line.send('b');
    expect(line.text).toBe('a');
    expect(line.closed?.at).toBe(502);
  });

  test('closes on the first byte, which does not pass, when the time is 0', () => {
    const { clock, line } = openLine({ limitTime: { milliseconds: 0 } });
    clock.advance(100);
    expect(line.closed).toBeUndefined();
    line.send('a');
    expect(line.closed?.at).toBe(100);
    expect(line.text).toBe('');
  });

  test('still closes a connection whose sender has ended', () => {
    const { clock, line } = openLine({ limitTime: { milliseconds: 500 } });
    line.send('a');
    line.end();
    clock.advance(500);
    expect(line.endedAt).toBe(0);
    expect(line.closed?.at).toBe(500);
  });

  test('is set on a connection whose sender has ended', () => {
    const { harness, clock, line } = openLine({});
    line.end();
    harness.setFaults({ limitTime: { milliseconds: 500, clock: 'Connect' } });
    clock.advance(500);
    expect(line.closed?.at).toBe(500);
  });

  test('goes on when an equal configuration is set, and starts over with another one', () => {
    const { harness, clock, line } = openLine({ limitTime: { milliseconds: 500 } });
    line.send('a');
    clock.advance(400);
    harness.setFaults({ limitTime: { milliseconds: 500 } });
    clock.advance(50);
    harness.setFaults({ limitTime: { milliseconds: 501 } });
    clock.advance(1_000);
    expect(line.closed).toBeUndefined();
    line.send('b');
    clock.advance(501);
    expect(line.closed?.at).toBe(1_951);
  });

  test('lifted, it leaves nothing behind', () => {
    const { harness, clock, line } = openLine({ limitTime: { milliseconds: 500 } });
    line.send('a');
    harness.setFaults({});
    expect(clock.waiting).toBe(0);
    clock.advance(10_000);
    expect(line.closed).toBeUndefined();
  });

  test('discards what a later fault holds when the time is up', () => {
    const { clock, line } = openLine({
      limitTime: { milliseconds: 500 },
      delay: { milliseconds: 600 },
    });
    line.send('a');
    clock.advance(10_000);
    expect(line.text).toBe('');
    expect(line.closed?.at).toBe(500);
  });

  test('spreads the times of connections by the seed, the same for the same seed', () => {
    const times = (seed: number) => {
      const faults = { limitTime: { milliseconds: 500, jitterMilliseconds: 100 } };
      const harness = new GateHarness(faults, { seed });
      const lines = Array.from({ length: 200 }, () => harness.open());
      for (const line of lines) line.send('a');
      harness.clock.advance(1_000);
      return lines.map(({ closed }) => closed?.at ?? Number.NaN);
    };
    const [first, again, other] = [times(1), times(1), times(2)];
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
    for (const time of first) expect(Math.abs(time - 500)).toBeLessThanOrEqual(100);
    expect(Math.min(...first)).toBeLessThan(420);
    expect(Math.max(...first)).toBeGreaterThan(580);
  });
});
