import type { Figure } from '../figure.ts';
import type { Goal } from '../measures/goal.ts';
import { sampler } from '../measures/samples.ts';
import { isTie, summarise } from '../statistics.ts';
import { GOALS } from './declared.ts';

/** A goal, and what came of it. */
export interface Judged extends Goal {
  /** Median of the rounds; undefined when it was not measured. */
  readonly value: number | undefined;
  readonly spread: number | undefined;
  readonly rounds: number;
  /** By the median. */
  readonly met: boolean;
  /** The rounds differ more from each other than the median from the goal. */
  readonly tie: boolean;
}

/** What the figures say of each goal. */
export function judge(figures: readonly Figure[]): Judged[] {
  const samples = sampler(figures);
  return GOALS.map((goal) => {
    const values = goal.values(samples).filter(Number.isFinite);
    if (values.length === 0) {
      return { ...goal, value: undefined, spread: undefined, rounds: 0, met: false, tie: false };
    }
    const summary = summarise(values);
    return {
      ...goal,
      value: summary.median,
      spread: summary.spread,
      rounds: summary.samples,
      met: goal.sense === 'atLeast' ? summary.median >= goal.goal : summary.median <= goal.goal,
      tie: isTie(summary, goal.goal),
    };
  });
}
