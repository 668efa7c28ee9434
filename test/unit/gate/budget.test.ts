import { expect, test } from 'vitest';
import { Budget } from '../../../src/gate/budget.ts';
import { LARGEST_READ, SMALLEST_READ } from '../../../src/gate/memory.ts';

const GATE = {};

test('a budget is spent when the limit is reached, and may be overrun', () => {
  const budget = new Budget(100);
  budget.hold(90);
  budget.reserve(9);
  expect(budget.isSpent).toBe(false);
  budget.reserve(1);
  expect(budget.isSpent).toBe(true);
  budget.hold(50);
  expect([budget.used, budget.standing]).toEqual([140, 10]);
});

test('who waits is woken once, when there is room and not before', () => {
  const budget = new Budget(100);
  const woken: string[] = [];
  budget.hold(300);
  budget.wait(GATE, () => woken.push('first'));
  budget.wait(GATE, () => woken.push('second'));
  budget.hold(-200);
  expect(woken).toEqual([]);
  budget.hold(-1);
  expect(woken).toEqual(['first', 'second']);
  budget.hold(-50);
  expect(woken).toEqual(['first', 'second']);
});

test('who waits is woken in order, each when the one before has left room', () => {
  const budget = new Budget(100);
  const woken: string[] = [];
  const waiter = (name: string, bytes: number) => () => {
    woken.push(name);
    budget.reserve(bytes);
  };
  budget.hold(100);
  budget.wait(GATE, waiter('first', 10));
  budget.wait(GATE, waiter('second', 10));
  budget.wait(GATE, waiter('third', 10));
  budget.hold(-11);
  expect(woken).toEqual(['first', 'second']);
  expect(budget.isShort).toBe(true);
  budget.reserve(-10);
  expect(woken).toEqual(['first', 'second', 'third']);
});

test('gates take turns, however many of one wait', () => {
  const budget = new Budget(100);
  const woken: string[] = [];
  const [large, small] = [{}, {}];
  budget.hold(101);
  for (const name of ['a', 'b', 'c', 'd']) budget.wait(large, () => woken.push(name));
  budget.wait(small, () => woken.push('small'));
  budget.hold(-2);
  expect(woken).toEqual(['a', 'small', 'b', 'c', 'd']);
});

test('who waits twice is woken once, who is forgotten not at all', () => {
  const budget = new Budget(1);
  let count = 0;
  const wake = () => {
    count += 1;
  };
  const forgotten = () => {
    throw new Error('woken');
  };
  budget.hold(1);
  budget.wait(GATE, wake);
  budget.wait(GATE, wake);
  budget.wait(GATE, forgotten);
  budget.forget(GATE, forgotten);
  budget.hold(-1);
  expect(count).toBe(1);
});

test('who spends the room again and waits lets the others go first', () => {
  const budget = new Budget(1);
  const woken: string[] = [];
  const greedy = () => {
    woken.push('greedy');
    budget.hold(1);
    budget.wait(GATE, greedy);
  };
  budget.hold(1);
  budget.wait(GATE, greedy);
  budget.wait(GATE, () => woken.push('other'));
  budget.hold(-1);
  expect(woken).toEqual(['greedy']);
  budget.hold(-1);
  expect(woken).toEqual(['greedy', 'other', 'greedy']);
});

test('reads get smaller when it runs low', () => {
  const limit = 16 * LARGEST_READ;
  const budget = new Budget(limit);
  const sizes = [];
  for (const used of [0, 1, 8, 12, 15, 15.8, 16, 17]) {
    budget.hold(used * LARGEST_READ - budget.used);
    sizes.push(budget.readSize(true));
  }
  expect(sizes).toEqual([
    LARGEST_READ,
    LARGEST_READ,
    LARGEST_READ,
    65_536,
    16_384,
    SMALLEST_READ,
    SMALLEST_READ,
    SMALLEST_READ,
  ]);
});

test('reads that may never come set aside a quarter of it at most', () => {
  const limit = 1_000 * LARGEST_READ;
  const budget = new Budget(limit);
  for (let sockets = 0; sockets < 10_000; sockets += 1) {
    budget.reserve(budget.readSize(false) - SMALLEST_READ);
  }
  expect(budget.standing).toBeLessThanOrEqual(limit / 4);
  expect(budget.readSize(false)).toBe(SMALLEST_READ);
  expect(budget.readSize(true)).toBe(LARGEST_READ);
});
