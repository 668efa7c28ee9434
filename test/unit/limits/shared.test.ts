import { expect, test } from 'vitest';
import { shared } from '../../../src/limits/shared.ts';

function counted(fails: boolean[] = []) {
  const clock = { now: 0 };
  let count = 0;
  const compute = async () => {
    count += 1;
    const mine = count;
    await new Promise(setImmediate);
    if (fails[mine - 1]) throw new Error(`failure ${mine}`);
    return mine;
  };
  return { clock, ask: shared(compute, 100, () => clock.now) };
}

test('those who ask at the same time share a result, and those who ask within a while', async () => {
  const { clock, ask } = counted();
  expect(await Promise.all([ask(), ask(), ask()])).toEqual([1, 1, 1]);
  clock.now = 99;
  expect(await ask()).toBe(1);
  clock.now = 100;
  expect(await Promise.all([ask(), ask()])).toEqual([2, 2]);
});

test('a failure is told to those who wait for it, and the next one tries again', async () => {
  const { ask } = counted([true]);
  expect((await Promise.allSettled([ask(), ask()])).map(({ status }) => status)).toEqual([
    'rejected',
    'rejected',
  ]);
  expect(await ask()).toBe(2);
});
