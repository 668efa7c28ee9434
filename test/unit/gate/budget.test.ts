import { expect, test } from 'vitest';
import { Budget } from '../../../src/gate/budget.ts';

test('a budget is spent when the limit is reached, and may be overrun', () => {
  const budget = new Budget(100);
  budget.add(99);
  expect(budget.isSpent).toBe(false);
  budget.add(1);
  expect(budget.isSpent).toBe(true);
  budget.add(50);
  expect(budget.used).toBe(150);
});

test('who waits is woken once, when there is room and not before', () => {
  const budget = new Budget(100);
  const woken: string[] = [];
  budget.add(300);
  budget.wait(() => woken.push('first'));
  budget.wait(() => woken.push('second'));
  budget.add(-200);
  expect(woken).toEqual([]);
  budget.add(-1);
  expect(woken).toEqual(['first', 'second']);
  budget.add(-50);
  expect(woken).toEqual(['first', 'second']);
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
  budget.add(1);
  budget.wait(wake);
  budget.wait(wake);
  budget.wait(forgotten);
  budget.forget(forgotten);
  budget.add(-1);
  expect(count).toBe(1);
});

test('who spends the room again and waits does not keep the others from waking', () => {
  const budget = new Budget(1);
  const woken: string[] = [];
  const greedy = () => {
    woken.push('greedy');
    budget.add(1);
    budget.wait(greedy);
  };
  budget.add(1);
  budget.wait(greedy);
  budget.wait(() => woken.push('other'));
  budget.add(-1);
  expect(woken).toEqual(['greedy', 'other']);
});
