import type { Figure } from '../figure.ts';
import { PEERS } from '../peers/peer.ts';
import { summarise } from '../statistics.ts';
import { format, formatSpread } from './format.ts';
import type { Judged } from './goals.ts';

/** Goals that were measured and all figures, as plain text for a terminal. */
export function goalsTable(goals: readonly Judged[], figures: readonly Figure[]): string {
  const measured = goals.filter(({ value }) => value !== undefined);
  const rows = measured.map((goal) => [verdict(goal), valueText(goal), goalText(goal), goal.title]);
  const lines = figures.flatMap(({ title, unit, samples }) => [
    title,
    ...PEERS.flatMap((peer) => {
      const of = samples[peer];
      if (of === undefined) return [];
      const { median, spread } = summarise(of);
      return [`  ${peer.padEnd(10)} ${formatSpread(median, spread, unit)}`];
    }),
  ]);
  return `${[...lines, '', ...align(rows)].join('\n')}\n`;
}

export function verdict({ met, tie, value }: Judged): string {
  if (value === undefined) return 'not measured';
  if (tie) return met ? 'tie (met)' : 'tie (not met)';
  return met ? 'met' : 'not met';
}

export function valueText({ value, spread = 0, unit }: Judged): string {
  return value === undefined ? '' : formatSpread(value, spread, unit);
}

export function goalText({ sense, goal, unit }: Judged): string {
  return `${sense === 'atLeast' ? 'at least' : 'at most'} ${format(goal, unit)}`;
}

function align(rows: readonly (readonly string[])[]): string[] {
  const width = (column: number) => Math.max(0, ...rows.map((row) => row[column]?.length ?? 0));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(width(column)))
      .join('  ')
      .trimEnd(),
  );
}
