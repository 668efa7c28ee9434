import { expect, test } from 'vitest';
import { Timers } from '../../../src/gate/timers.ts';
import { HandClock } from './faults/support.ts';

test('timers that end together leave nothing behind, and those that were set later still run', () => {
  const clock = new HandClock();
  const timers = new Timers(clock, (task) => task());
  const ran: string[] = [];
  timers.after(10, () => ran.push('early'));
  const cancel = timers.after(20, () => ran.push('cancelled'));
  timers.after(30, () => ran.push('stopped'));
  cancel();
  clock.advance(15);
  timers.stop();
  expect(clock.waiting).toBe(0);
  timers.after(10, () => ran.push('later'));
  clock.advance(100);
  expect(ran).toEqual(['early', 'later']);
});
