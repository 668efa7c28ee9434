import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { free, LARGEST_READ, memory } from '../../../src/gate/memory.ts';

beforeAll(() => {
  vi.useFakeTimers();
});

afterAll(() => {
  vi.useRealTimers();
});

test('is free when all of it is, in whatever parts', () => {
  const bytes = memory(65_536);
  const whole = bytes.buffer;
  free(bytes.subarray(0, 1_000));
  free(bytes.subarray(30_000));
  expect(whole.byteLength).toBe(65_536);
  free(bytes.subarray(1_000, 30_000));
  expect(whole.byteLength).toBe(0);
});

test('is left alone when it came from elsewhere', () => {
  const elsewhere = Buffer.alloc(65_536, 'a');
  free(elsewhere);
  expect(elsewhere.toString('latin1', 65_535)).toBe('a');
});

test('is left to the pool of small buffers when it is small', () => {
  const small = memory(5);
  small.write('small');
  free(small);
  expect(small.toString()).toBe('small');
});

test('may be told twice', () => {
  const bytes = memory(65_536);
  free(bytes);
  expect(() => free(bytes)).not.toThrow();
});

test('of a full read serves the next one, and a view of the first finds nothing', () => {
  const first = memory(LARGEST_READ);
  first.fill('a');
  free(first);
  const second = memory(LARGEST_READ);
  expect(second.toString('latin1', 0, 1)).toBe('a');
  expect(first.byteLength).toBe(0);
});

test('of full reads is given back when none has wanted it for a while', () => {
  const all = Array.from({ length: 10 }, () => memory(LARGEST_READ));
  for (const bytes of all) free(bytes);
  const before = process.memoryUsage().arrayBuffers;
  vi.advanceTimersByTime(2_500);
  expect(before - process.memoryUsage().arrayBuffers).toBeGreaterThanOrEqual(10 * LARGEST_READ);
});
