import type { Figure, FigureInfo } from '../figure.ts';
import { PEERS } from '../peers/peer.ts';
import { quantile } from '../statistics.ts';
import type { Part } from './declared.ts';
import { format } from './format.ts';
import { barChart, type Line, lineChart, type Mark } from './svg.ts';

/** The SVG of a part. */
export function chart({ title, figures, kind }: Part): string {
  if (kind === 'bars') return bars(figures);
  const unit = figures[0]?.unit ?? 'ratio';
  return lineChart(title, lines(figures), (value) => format(value, unit));
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
