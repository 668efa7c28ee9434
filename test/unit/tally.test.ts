import { expect, test } from 'vitest';
import { sum, tallyLine } from '../support/counts.ts';

test('a line over several runs adds them up', () => {
  const runs = [
    { passed: 3, failed: 0, skipped: 1 },
    { passed: 4, failed: 2, skipped: 0 },
  ];
  expect(tallyLine(sum(runs))).toBe('7 passed, 2 failed, 1 skipped');
});

test('a run that ended before it told its counts is a failure', () => {
  expect(tallyLine(sum([{ passed: 3, failed: 0, skipped: 0 }, undefined]))).toBe(
    '3 passed, 1 failed, 0 skipped',
  );
});
