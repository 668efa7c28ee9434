import { expect, test } from 'vitest';
import { limitIn, openFilesLimit, shareFiles } from '../../../src/limits/openFiles.ts';

test.each([
  [1_024, { work: 720, others: 60 }],
  [256, { work: 144, others: 12 }],
  [64, { work: 0, others: 0 }],
  [10, { work: 0, others: 0 }],
  [Number.POSITIVE_INFINITY, { work: Number.POSITIVE_INFINITY, others: Number.POSITIVE_INFINITY }],
])('of %d files', (limit, shares) => {
  expect(shareFiles(limit)).toEqual({ limit, ...shares });
});

test.each([
  [{ userLimits: { open_files: { soft: 1_024, hard: 4_096 } } }, 1_024],
  [
    { userLimits: { open_files: { soft: 'unlimited', hard: 'unlimited' } } },
    Number.POSITIVE_INFINITY,
  ],
  [{}, Number.POSITIVE_INFINITY],
])('the limit in the report %j', (report, limit) => {
  expect(limitIn(report)).toBe(limit);
});

test('this process has a limit that it can live with, or none', () => {
  expect(openFilesLimit()).toBeGreaterThan(64);
});
