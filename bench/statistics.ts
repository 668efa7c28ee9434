/** What is said of a row of samples. */
export interface Summary {
  readonly median: number;
  /** Distance between the quartiles: half of the samples lie within. One odd round does not widen it. */
  readonly spread: number;
  readonly samples: number;
}

/** Throws for no samples. */
export function summarise(samples: readonly number[]): Summary {
  return {
    median: quantile(samples, 0.5),
    spread: quantile(samples, 0.75) - quantile(samples, 0.25),
    samples: samples.length,
  };
}

/** Between two samples it is interpolated (type 7 of Hyndman and Fan, the default of R and NumPy). */
export function quantile(samples: readonly number[], share: number): number {
  if (samples.length === 0) throw new RangeError('No samples');
  const sorted = samples.toSorted((a, b) => a - b);
  const position = (sorted.length - 1) * share;
  const below = sorted[Math.floor(position)] ?? Number.NaN;
  const above = sorted[Math.ceil(position)] ?? Number.NaN;
  return below + (above - below) * (position - Math.floor(position));
}

/**
 * Round by round: what disturbed the machine in a round disturbed both. Rounds that only one of them has do
 * not count.
 */
export function ratios(numerators: readonly number[], denominators: readonly number[]): number[] {
  const rounds = Math.min(numerators.length, denominators.length);
  return Array.from(
    { length: rounds },
    (_, round) => (numerators[round] ?? Number.NaN) / (denominators[round] ?? Number.NaN),
  );
}

/** The rounds do not tell on which side of `mark` the figure is. */
export function isTie({ median, spread }: Summary, mark: number): boolean {
  return spread > 0 && Math.abs(median - mark) < spread;
}
