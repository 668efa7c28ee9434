import { describe, expect, test } from 'vitest';
import { openLine } from './support.ts';

describe('drop', () => {
  test('reads everything and holds nothing, also when the receiver does not read', () => {
    const { harness, line } = openLine({});
    line.block();
    line.send('the buffer is full, ');
    harness.setFaults({ drop: {} });
    for (let sent = 0; sent < 100; sent += 1) line.send('x'.repeat(65_536));
    expect([line.unread, harness.held, line.text]).toEqual([0, 20, 'the buffer is full, ']);
  });

  test('lets the end pass, and discards what was held', () => {
    const { harness, clock, line } = openLine({ delay: { milliseconds: 300 } });
    line.send('held');
    harness.setFaults({ drop: {} });
    clock.advance(10);
    line.end();
    expect([line.text, line.endedAt, harness.held]).toEqual(['', 10, 0]);
  });
});
