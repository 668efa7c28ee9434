import { expect, test } from 'vitest';
import { free } from '../../../src/gate/memory.ts';

test('frees what has its memory to itself', () => {
  const bytes = Buffer.alloc(65_536);
  const memory = bytes.buffer;
  free(bytes);
  expect(memory.byteLength).toBe(0);
});

test('leaves alone what others may use parts of', () => {
  const whole = Buffer.alloc(65_536, 'a');
  free(whole.subarray(0, 32_768));
  expect(whole.toString('latin1', 65_535)).toBe('a');
});

test('leaves alone what is in the pool of small buffers', () => {
  const small = Buffer.from('small');
  free(small);
  expect(small.toString()).toBe('small');
});

test('may be told twice', () => {
  const bytes = Buffer.alloc(65_536);
  free(bytes);
  expect(() => free(bytes)).not.toThrow();
});
