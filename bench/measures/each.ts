import type { FigureInfo } from '../figure.ts';
import type { ReportedFigure, Section } from './measure.ts';

type Kind = 'connections' | 'gates';

/** What one of so many costs: a point of a line that should be flat. `connections-100-memory`, for instance. */
export function costOfEach(
  kind: Kind,
  at: number,
  what: string,
  title: string,
  unit: FigureInfo['unit'],
  section: Section,
): ReportedFigure {
  return {
    name: `${kind}-${at}-${what}`,
    title: `${title}, of ${at}`,
    unit,
    better: 'lower',
    at,
    section,
  };
}
