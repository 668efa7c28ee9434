import { describe, expect, test } from 'vitest';
import { openLine } from './support.ts';

describe('stall', () => {
  test('stops reading at once', () => {
    const { harness, clock, line } = openLine({ stall: {} });
    line.send('hello');
    clock.advance(10_000);
    expect([line.text, line.unread, harness.held]).toEqual(['', 5, 0]);
  });

  test('holds what was read before, and the end behind it', () => {
    const { harness, clock, line } = openLine({ delay: { milliseconds: 300 } });
    line.send('hello');
    line.end();
    harness.setFaults({ stall: {} });
    clock.advance(10_000);
    expect([line.text, line.endedAt, harness.held]).toEqual(['', undefined, 5]);
    harness.setFaults({});
    expect([line.text, line.endedAt, harness.held]).toEqual(['hello', 10_000, 0]);
  });
});
