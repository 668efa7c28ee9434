import { OPERATOR_COUNTS, onCluster } from '../cluster/figures.ts';
import { FULL } from '../effort.ts';
import type { Figure } from '../figure.ts';
import { allMeasures } from '../measures/all.ts';
import type { Goal } from '../measures/goal.ts';
import type { Declaration, Section } from '../measures/measure.ts';

/** Everything that is measured, in the order of the report. */
const DECLARED: readonly Declaration[] = [...allMeasures(FULL), ...onCluster(OPERATOR_COUNTS)];

export const GOALS: readonly Goal[] = DECLARED.flatMap(({ goals }) => goals);

const FIGURES = DECLARED.flatMap(({ figures }) => figures);

/** A part of the report with what was measured of it; never nothing. */
export interface Part extends Section {
  readonly figures: readonly Figure[];
}

/** In the order in which measures name them first. A figure of no part is in the JSON only. */
export function partsOf(figures: readonly Figure[]): Part[] {
  const sections = new Map(FIGURES.map(({ name, section }) => [name, section]));
  const all = new Set(FIGURES.flatMap(({ section }) => section ?? []));
  return [...all].flatMap((section) => {
    const own = figures.filter(({ name }) => sections.get(name) === section);
    return own.length === 0 ? [] : [{ ...section, figures: own }];
  });
}
