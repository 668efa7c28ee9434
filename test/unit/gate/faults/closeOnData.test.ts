import { describe, expect, test } from 'vitest';
import { openLine } from './support.ts';

describe('closeOnData', () => {
  test.each(['Fin', 'Reset'] as const)(
    'closes on the first byte, which does not pass: %s',
    (how) => {
      const { clock, line } = openLine({ closeOnData: { how } });
      clock.advance(1_000);
      expect(line.closed).toBeUndefined();
      line.send('x');
      expect([line.closed, line.text]).toEqual([{ how, at: 1_000 }, '']);
    },
  );

  test('closes on bytes that were held, and discards them', () => {
    const { harness, line } = openLine({ delay: { milliseconds: 300 } });
    line.send('held');
    harness.setFaults({ closeOnData: {} });
    expect([line.closed?.how, line.text, harness.held]).toEqual(['Fin', '', 0]);
  });

  test('lets the end pass', () => {
    const { line } = openLine({ closeOnData: {} });
    line.end();
    expect([line.endedAt, line.closed]).toEqual([0, undefined]);
  });
});
