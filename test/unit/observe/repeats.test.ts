import { beforeEach, expect, test } from 'vitest';
import { type Repeated, Repeats } from '../../../src/observe/repeats.ts';

let now: number;
let timers: { at: number; run: () => void }[];
let said: [string, Repeated][];
let repeats: Repeats;

beforeEach(() => {
  now = 0;
  timers = [];
  said = [];
  repeats = new Repeats((milliseconds, run) => {
    const timer = { at: now + milliseconds, run };
    timers.push(timer);
    return () => {
      timers = timers.filter((one) => one !== timer);
    };
  });
});

function pass(milliseconds: number): void {
  now += milliseconds;
  for (const timer of timers.filter(({ at }) => at <= now)) {
    timers = timers.filter((one) => one !== timer);
    timer.run();
  }
}

function happens(cause: string, subject?: string): void {
  repeats.report(cause, subject, (repeated) => said.push([cause, repeated]));
}

test('what happens for the first time is said at once', () => {
  happens('a', 'x');
  happens('b');
  expect(said).toEqual([
    ['a', { times: 1, subjects: ['x'] }],
    ['b', { times: 1, subjects: [] }],
  ]);
});

test('what happens again is said once a minute, with how often and to whom', () => {
  for (let second = 0; second < 120; second += 1) {
    happens('a', second % 2 === 0 ? 'x' : 'y');
    pass(1_000);
  }
  expect(said).toEqual([
    ['a', { times: 1, subjects: ['x'] }],
    ['a', { times: 59, subjects: ['y', 'x'] }],
    ['a', { times: 60, subjects: ['x', 'y'] }],
  ]);
});

test('what has not happened for a minute is said at once again', () => {
  happens('a');
  pass(60_000);
  expect(timers).toEqual([]);
  happens('a');
  expect(said).toHaveLength(2);
});

test('what was not said yet is said in the end', () => {
  happens('a');
  happens('a');
  repeats.stop();
  expect(said.at(-1)).toEqual(['a', { times: 1, subjects: [] }]);
  expect(timers).toEqual([]);
});

test('many causes and many subjects are bounded', () => {
  for (let index = 0; index < 5_000; index += 1) happens(`cause ${index}`);
  expect(timers.length).toBeLessThanOrEqual(1_000);
  for (let index = 0; index < 100; index += 1) happens('cause 4999', `subject ${index}`);
  repeats.stop();
  expect(said.at(-1)?.[1]).toMatchObject({ times: 100 });
  expect(said.at(-1)?.[1].subjects).toHaveLength(10);
});
