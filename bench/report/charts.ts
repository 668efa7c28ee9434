import type { FigureInfo } from '../measures/measure.ts';
import { PEERS } from '../peers/peer.ts';
import type { Figure } from '../results.ts';
import { quantile } from '../statistics.ts';
import { format } from './format.ts';
import { barChart, type Line, lineChart, type Mark } from './svg.ts';

/** A part of the report: which figures it shows, and how. */
export interface Section {
  readonly name: string;
  readonly title: string;
  readonly figures: (figure: Figure) => boolean;
  /** `lines` over `at`; there is one chart for each unit then. */
  readonly kind: 'bars' | 'lines';
}

const named = (pattern: RegExp) => (figure: Figure) => pattern.test(figure.name);

/** In the order of the report. A figure that no section takes is in the JSON only. */
export const SECTIONS: readonly Section[] = [
  {
    name: 'throughput',
    title: 'Throughput without faults',
    figures: named(/^throughput-\d+$/),
    kind: 'bars',
  },
  {
    name: 'round-trips',
    title: 'Round trips of 64 bytes',
    figures: named(/^round-trip-\d+-p\d+$/),
    kind: 'bars',
  },
  { name: 'connects', title: 'New connections', figures: named(/^connects$/), kind: 'bars' },
  {
    name: 'processor',
    title: 'Processor time of the proxy',
    figures: named(/-cpu-per-/),
    kind: 'bars',
  },
  { name: 'memory', title: 'Memory', figures: named(/^memory-/), kind: 'bars' },
  { name: 'delay', title: 'Under delay', figures: named(/^delay-\d+$/), kind: 'bars' },
  {
    name: 'delay-memory',
    title: 'Memory under delay, per byte in flight',
    figures: named(/^delay-\d+-(memory|kept)$/),
    kind: 'bars',
  },
  {
    name: 'faults',
    title: 'Other faults at work',
    figures: named(/^(bandwidth|slice|corrupt|corrupt-all|substitute|coalesce)$/),
    kind: 'bars',
  },
  {
    name: 'growth-connections-time',
    title: 'Time per connection, from few to many',
    figures: named(/^connections-\d+-time$/),
    kind: 'lines',
  },
  {
    name: 'growth-connections-memory',
    title: 'Memory per connection, from few to many',
    figures: named(/^connections-\d+-memory$/),
    kind: 'lines',
  },
  {
    name: 'growth-connections-live',
    title: 'Live memory per connection, from few to many',
    figures: named(/^connections-\d+-live$/),
    kind: 'lines',
  },
  {
    name: 'growth-round-trip',
    title: 'Round trip, p50, beside idle connections',
    figures: named(/^connections-\d+-round-trip$/),
    kind: 'lines',
  },
  {
    name: 'growth-gates-time',
    title: 'Time to start a gate, from few to many',
    figures: named(/^gates-\d+-time$/),
    kind: 'lines',
  },
  {
    name: 'growth-gates-change',
    title: "Time to change a gate's faults, from few to many",
    figures: named(/^gates-\d+-change$/),
    kind: 'lines',
  },
  {
    name: 'growth-gates-memory',
    title: 'Memory per gate, from few to many',
    figures: named(/^gates-\d+-memory$/),
    kind: 'lines',
  },
  {
    name: 'growth-gates-live',
    title: 'Live memory per gate, from few to many',
    figures: named(/^gates-\d+-live$/),
    kind: 'lines',
  },
  {
    name: 'cluster',
    title: 'On a cluster',
    figures: named(/^(patch-to-effect|operator)-/),
    kind: 'bars',
  },
];

/** The SVG of a section; undefined when nothing of it was measured. */
export function chart({ title, figures: belongs, kind }: Section, figures: readonly Figure[]) {
  const own = figures.filter(belongs);
  const unit = own[0]?.unit;
  if (unit === undefined) return undefined;
  return kind === 'bars' ? bars(own) : lineChart(title, lines(own), (value) => format(value, unit));
}

function bars(figures: readonly Figure[]): string {
  // Each panel has a unit of its own, which its numbers carry.
  return barChart(
    figures.map(({ title, unit, samples }) => ({
      title,
      bars: PEERS.flatMap((peer) => {
        const of = samples[peer];
        if (of === undefined) return [];
        return { label: peer, isOurs: peer === 'chaosgate', text: textOf(of, unit), ...mark(of) };
      }),
    })),
  );
}

function lines(figures: readonly Figure[]): Line[] {
  return PEERS.flatMap((peer) => {
    const points = figures.flatMap(({ at, samples }) => {
      const of = samples[peer];
      return of === undefined || at === undefined ? [] : { at, ...mark(of) };
    });
    return points.length === 0 ? [] : { label: peer, isOurs: peer === 'chaosgate', points };
  });
}

function textOf(samples: readonly number[], unit: FigureInfo['unit']): string {
  return format(quantile(samples, 0.5), unit);
}

function mark(samples: readonly number[]): Mark {
  return {
    low: quantile(samples, 0.25),
    median: quantile(samples, 0.5),
    high: quantile(samples, 0.75),
  };
}
