import type { ReportedFigure, Section } from './measure.ts';

const PROCESSOR: Section = {
  name: 'processor',
  title: 'Processor time of the proxy',
  kind: 'bars',
};

/** What the work of a measure costs the proxy in processor time. @param per how much of it, such as `GB, 1 connection` */
export function processorTime(name: string, per: string): ReportedFigure {
  return {
    name,
    title: `Processor time of the proxy per ${per}`,
    unit: 's',
    better: 'lower',
    section: PROCESSOR,
  };
}
