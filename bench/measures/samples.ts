import type { Figure } from '../figure.ts';
import type { PeerName } from '../peers/peer.ts';
import { ratios } from '../statistics.ts';

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

export function sampler(figures: readonly Figure[]): Samples {
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
