import type { FigureInfo } from '../figure.ts';
import type { Samples } from './samples.ts';

/** What a figure should come to. */
export interface Goal {
  readonly name: string;
  readonly title: string;
  readonly sense: 'atLeast' | 'atMost';
  readonly goal: number;
  readonly unit: FigureInfo['unit'];
  /**
   * Why it is not met, and what would be needed; shown only when it is not. What is said here must be in the figures or
   * in profiles.md: a guess is called one.
   */
  readonly whyNot?: string | undefined;
  /** One value per round. */
  values(samples: Samples): number[];
}

type Options = Omit<Goal, 'values' | 'name' | 'unit'> & { readonly unit?: Goal['unit'] };

/** Ours, as it is. */
export function absolute(figure: string, options: Options): Goal {
  return { name: figure, unit: 'ratio', ...options, values: ({ of }) => [...of(figure)] };
}

/** Ours to another's. */
export function beside(
  figure: string,
  peer: 'toxiproxy' | 'haproxy',
  options: Omit<Options, 'unit'>,
): Goal {
  const name = `${figure}-to-${peer}`;
  return { name, unit: 'ratio', ...options, values: ({ ratio }) => ratio(figure, peer) };
}

/**
 * What each of many costs to what each of few costs.
 *
 * @param family name of the figures, with `*` for how many
 * @param counts how many there are, few to many: the most are held against the fewest
 */
export function flat(
  family: string,
  what: string,
  counts: readonly number[],
  whyNot?: string,
): Goal {
  const name = `growth-${family.replace('-*', '')}`;
  const [few, many] = [counts[0], counts.at(-1)].map((count) => count?.toLocaleString('en'));
  return {
    name,
    title: `${what}, of ${many} to of ${few}`,
    sense: 'atMost',
    goal: 1.2,
    unit: 'ratio',
    whyNot,
    values: ({ growth }) => growth(family),
  };
}
