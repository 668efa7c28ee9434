import { describe, expect, test } from 'vitest';
import { openLine } from './support.ts';

describe('limitIdle', () => {
  test('closes a connection on which no byte came for that long', () => {
    const { clock, line } = openLine({ limitIdle: { milliseconds: 500, how: 'Reset' } });
    clock.advance(10_000);
    expect(line.closed).toEqual({ how: 'Reset', at: 500 });
  });

  test('counts from the last byte', () => {
    const { clock, line } = openLine({ limitIdle: { milliseconds: 500 } });
    for (let sent = 0; sent < 10; sent += 1) {
      clock.advance(499);
      line.send('a');
    }
    expect(line.closed).toBeUndefined();
    clock.advance(10_000);
    expect(line.closed).toEqual({ how: 'Fin', at: 4_990 + 500 });
    expect(line.text).toBe('aaaaaaaaaa');
  });

  test('has one timer, however many bytes come', () => {
    const { clock, line } = openLine({ limitIdle: { milliseconds: 500 } });
    for (let sent = 0; sent < 1_000; sent += 1) {
      clock.advance(1);
      line.send('a');
    }
    expect(clock.waiting).toBe(1);
  });

  test('takes a half-closed connection for idle', () => {
    const { clock, line } = openLine({ limitIdle: { milliseconds: 500 } });
    clock.advance(200);
    line.end();
    clock.advance(10_000);
    expect(line.endedAt).toBe(200);
    expect(line.closed?.at).toBe(500);
  });

  test('goes on when an equal configuration is set, and starts over with another one', () => {
    const { harness, clock, line } = openLine({ limitIdle: { milliseconds: 500 } });
    clock.advance(400);
    harness.setFaults({ limitIdle: { milliseconds: 500 } });
    clock.advance(99);
    harness.setFaults({ limitIdle: { milliseconds: 600 } });
    clock.advance(10_000);
    expect(line.closed?.at).toBe(499 + 600);
  });

  test('lifted, it leaves nothing behind', () => {
    const { harness, clock, line } = openLine({ limitIdle: { milliseconds: 500 } });
    harness.setFaults({});
    expect(clock.waiting).toBe(0);
    clock.advance(10_000);
    expect(line.closed).toBeUndefined();
  });
});
