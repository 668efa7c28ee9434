import type { FigureInfo } from '../measures/measure.ts';

const lower = 'lower';

const PATCH_FIGURES: readonly FigureInfo[] = [
  {
    name: 'patch-to-effect-p50',
    title: 'From patch to effect, 100 connections, p50',
    unit: 's',
    better: lower,
  },
  {
    name: 'patch-to-effect-p99',
    title: 'From patch to effect, 100 connections, p99',
    unit: 's',
    better: lower,
  },
];

/**
 * What is measured on a cluster.
 *
 * @param counts of gates that an operator has, one after another
 */
export function clusterFigures(counts: readonly number[]): readonly FigureInfo[] {
  return [...PATCH_FIGURES, ...counts.flatMap(ofOperator)];
}

function ofOperator(gates: number): FigureInfo[] {
  const name = (what: string) => `operator-${gates}-${what}`;
  const at = `${gates.toLocaleString('en')} gates`;
  return [
    { name: name('memory'), title: `Memory (RSS), ${at}`, unit: 'B', better: lower },
    {
      name: name('patch-p50'),
      title: `From patch to the proxy that runs it, p50, ${at}`,
      unit: 's',
      better: lower,
    },
    {
      name: name('patch-p99'),
      title: `From patch to the proxy that runs it, p99, ${at}`,
      unit: 's',
      better: lower,
    },
    { name: name('recovery'), title: `Recovery after a restart, ${at}`, unit: 's', better: lower },
    {
      name: name('idle-requests'),
      title: `Requests while nothing changes, ${at}`,
      unit: '/s',
      better: lower,
    },
    {
      name: name('status-writes'),
      title: `Writes per gate under 1,000 connections/s, ${at}`,
      unit: '/s',
      better: lower,
    },
  ];
}
