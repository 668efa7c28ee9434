import { expect, test } from 'vitest';
import { keyedRandom, keyedSequence, nameKey } from '../../../src/gate/random.ts';

test('is the same on every machine', () => {
  expect([keyedRandom(42, 1), keyedRandom(42, 2), keyedRandom(43, 1)]).toEqual([
    0.8053735108114779, 0.9408367646392435, 0.3732872314285487,
  ]);
});

test('a sequence has the numbers of its last key', () => {
  const sequence = keyedSequence(42, 7);
  for (const key of [0, 1, 2 ** 31, 2 ** 32, 2 ** 40 + 1]) {
    expect(sequence(key)).toBe(keyedRandom(42, 7, key));
  }
});

test('keys beyond 32 bits count in full', () => {
  expect(keyedRandom(1, 2 ** 32)).not.toBe(keyedRandom(1, 0));
  expect(keyedRandom(1, 2 ** 33)).not.toBe(keyedRandom(1, 2 ** 32));
});

test('names have keys of their own', () => {
  const keys = ['delay', 'yaled', 'corrupt', 'limitTime', ''].map(nameKey);
  expect(new Set(keys).size).toBe(keys.length);
});

test('spreads evenly over neighbouring keys', () => {
  const numbers = Array.from({ length: 10_000 }, (_, key) => keyedRandom(5, key));
  for (let tenth = 0; tenth < 10; tenth += 1) {
    const count = numbers.filter((number) => Math.floor(number * 10) === tenth).length;
    expect(Math.abs(count - 1_000)).toBeLessThan(150);
  }
});
