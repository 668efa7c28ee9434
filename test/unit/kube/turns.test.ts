import { expect, test } from 'vitest';
import { Turns } from '../../../src/kube/turns.ts';

/** All keys in the order of their turns; `a1` is of group `a`, and `A1` is urgent. */
function order(...keys: string[]): string {
  const turns = new Turns<string>();
  for (const key of keys) {
    const group = (key[0] ?? '').toLowerCase();
    turns.push(key, key, { group, isUrgent: key[0] !== group });
  }
  const taken: string[] = [];
  for (let next = turns.shift(); next !== undefined; next = turns.shift()) taken.push(next.key);
  expect(turns.size).toBe(0);
  return taken.join(' ');
}

test('within a group it is first come, first served', () => {
  expect(order('a1', 'a2', 'a3')).toBe('a1 a2 a3');
});

test('groups have their turns one after the other, however many keys each has', () => {
  expect(order('a1', 'a2', 'a3', 'a4', 'b1', 'c1', 'c2')).toBe('a1 b1 c1 a2 c2 a3 a4');
});

test('what is urgent comes first', () => {
  expect(order('a1', 'a2', 'b1', 'C1', 'A3')).toBe('C1 A3 a1 b1 a2');
});

test('what is not urgent gets a turn after four that are', () => {
  const urgent = Array.from({ length: 9 }, (_, index) => `A${index}`);
  expect(order('b1', 'b2', 'b3', ...urgent)).toBe('A0 A1 A2 A3 b1 A4 A5 A6 A7 b2 A8 b3');
});

test('what is not urgent can be left out, and has its turn then', () => {
  const turns = new Turns<number>();
  turns.push('a', 1, { group: '', isUrgent: false });
  expect(turns.shift({ onlyUrgent: true })).toBeUndefined();
  for (let key = 0; key < 5; key += 1) turns.push(`A${key}`, key, { group: '', isUrgent: true });
  const taken = Array.from({ length: 5 }, () => turns.shift({ onlyUrgent: true })?.key);
  expect(taken).toEqual(['A0', 'A1', 'A2', 'A3', 'A4']);
  expect(turns.shift()?.key).toBe('a');
});

test('a key is there until its turn, and nothing is after clear', () => {
  const turns = new Turns<number>();
  turns.push('a', 1, { group: '', isUrgent: false });
  expect([turns.has('a'), turns.size]).toEqual([true, 1]);
  expect(turns.shift()).toEqual({ key: 'a', value: 1, isUrgent: false });
  expect([turns.has('a'), turns.size]).toEqual([false, 0]);
  turns.push('a', 2, { group: '', isUrgent: true });
  turns.clear();
  expect([turns.has('a'), turns.shift()]).toEqual([false, undefined]);
});
