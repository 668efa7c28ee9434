/** What tests came to. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** The environment variable that names the file for the counts of one run of several, as JSON. */
export const TALLY_FILE = 'CHAOSGATE_TEST_TALLY';

export function tallyLine({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

/** A run without counts ended before it could tell them: that is a failure. */
export function sum(runs: readonly (Counts | undefined)[]): Counts {
  const all = runs.map((counts) => counts ?? { passed: 0, failed: 1, skipped: 0 });
  const of = (name: keyof Counts) => all.reduce((total, counts) => total + counts[name], 0);
  return { passed: of('passed'), failed: of('failed'), skipped: of('skipped') };
}
