import type { PeerName } from '../peers/peer.ts';
import type { Figure } from '../results.ts';
import { isTie, ratios, summarise } from '../statistics.ts';
import { GOALS, type Goal } from './goalList.ts';

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

/** Gives the samples of a figure and a peer, in the order of the rounds; none if it was not measured. */
export interface Samples {
  of(figure: string, peer?: PeerName): readonly number[];
  /** Ours to another's, round by round. */
  ratio(figure: string, peer: PeerName): number[];
  /** What each of many costs to what each of few costs; `family` has `*` for how many. */
  growth(family: string): number[];
  /** Of every peer that has samples of the figure. */
  all(figure: string): ReadonlyMap<string, readonly number[]>;
}

function sampler(figures: readonly Figure[]): Samples {
  const of = (name: string, peer: PeerName = 'chaosgate') =>
    figures.find((figure) => figure.name === name)?.samples[peer] ?? [];
  return {
    of,
    ratio: (name, peer) => ratios(of(name), of(name, peer)),
    growth(family) {
      const [start = '', end = ''] = family.split('*');
      const sizes = figures
        .filter(({ name, at }) => name === `${start}${at}${end}`)
        .flatMap(({ at }) => at ?? [])
        .sort((a, b) => a - b);
      const [few, many] = [sizes[0], sizes.at(-1)];
      return ratios(of(`${start}${many}${end}`), of(`${start}${few}${end}`));
    },
    all: (name) =>
      new Map(Object.entries(figures.find((figure) => figure.name === name)?.samples ?? {})),
  };
}
