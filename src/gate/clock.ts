import { type Clock as FullClock, systemClock as system } from '../time/clock.ts';

/** What faults take the time from: `now` is the monotonic reading. Nothing here asks for the time of day. */
export interface Clock extends Pick<FullClock, 'after'> {
  /** Milliseconds on a clock that never goes back. */
  now(): number;
}

export const systemClock: Clock = { now: system.monotonic, after: system.after };
