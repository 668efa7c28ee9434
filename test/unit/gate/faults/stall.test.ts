import { describe, expect, test } from 'vitest';
import { openLine } from './support.ts';

describe('stall', () => {
  test('stops reading at once', () => {
    const { bench, clock, line } = openLine({ stall: {} });
    line.send('hello');
    clock.advance(10_000);
    expect([line.text, line.unread, bench.held]).toEqual(['', 5, 0]);
  });

  test('holds what was read before, and the end behind it', () => {
    const { bench, clock, line } = openLine({ delay: { milliseconds: 300 } });
    line.send('hello');
    line.end();
    bench.setFaults({ stall: {} });
    clock.advance(10_000);
    expect([line.text, line.endedAt, bench.held]).toEqual(['', undefined, 5]);
    bench.setFaults({});
    expect([line.text, line.endedAt, bench.held]).toEqual(['hello', 10_000, 0]);
  });
});
