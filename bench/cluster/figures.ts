import { absolute, type Goal } from '../measures/goal.ts';
import type { Declaration, ReportedFigure, Section } from '../measures/measure.ts';

const SECTION: Section = {
  name: 'cluster',
  title: 'On a cluster',
  kind: 'bars',
  note: "Measured on the test cluster, by `npm run cluster -- exec node bench/cluster/run.ts`. The operator at scale runs as one process against the real API server of the test cluster. Proxy processes that host many gates each stand in for pods: a kubelet for ten thousand pods does not fit on the machine. The gates are spread over namespaces of 1,000, and the operator's Lease lasts 120 s instead of 15, as the machine is that of the API server and of everything else, too.",
};

/** Gates that an operator has, one after another. */
export const OPERATOR_COUNTS: readonly number[] = [1_000, 10_000];

/** What is measured on a cluster. @param counts of gates that an operator has, one after another */
export function onCluster(counts: readonly number[]): readonly Declaration[] {
  return [PATCH_TO_EFFECT, ...counts.map(operator)];
}

const PATCH_TO_EFFECT: Declaration = {
  figures: [
    figure('patch-to-effect-p50', 'From patch to effect, 100 connections, p50', 's'),
    figure('patch-to-effect-p99', 'From patch to effect, 100 connections, p99', 's'),
  ],
  goals: [
    atMost('patch-to-effect-p50', 'Patch to effect, 100 connections, p50', 0.02, 's'),
    atMost('patch-to-effect-p99', 'Patch to effect, 100 connections, p99', 0.06, 's'),
  ],
};

/** By how many gates the operator has. */
const GOALS: Readonly<Record<number, readonly Goal[]>> = {
  1000: [
    atMost(
      'operator-1000-memory',
      'Memory of the operator, 1,000 gates',
      150e6,
      'B',
      'after a collection of all garbage, 41 MB are objects and source in the heap of JavaScript, 13 MB what they hold outside of it; 56 MB are pages of Node.js, about 30 MB the TLS connections to the proxies, 31 kB for each. The rest is garbage that is not collected yet, and free memory between what is in use: with V8 told to save memory (`--optimize-for-size`) it is 173 MB, but a recovery takes half as long again. Needed: less in the caches than whole objects, and less than a TLS connection for each gate.',
    ),
    atMost('operator-1000-patch-p99', "Patch to proxy's answer, 1,000 gates, p99", 0.1, 's'),
    atMost(
      'operator-1000-idle-requests',
      'Requests while nothing changes, besides watches',
      0,
      '/s',
    ),
    atMost(
      'operator-1000-status-writes',
      'Status writes per gate under 1,000 connections/s, 1,000 gates',
      0.2,
      '/s',
    ),
  ],
  10000: [
    atMost(
      'operator-10000-memory',
      'Memory of the operator, 10,000 gates',
      500e6,
      'B',
      '339 MB are the heap of JavaScript, 360 MB that of malloc (`/proc/PID/smaps` of one round): of it about 230 MB are kept by OpenSSL, 23 kB for each TLS connection to a proxy, which is what their structures take; that most of the rest is what was needed while all of them were made is a guess. 56 MB are pages of Node.js. Needed: as above.',
    ),
    atMost('operator-10000-recovery', 'Recovery of the operator, 10,000 gates', 30, 's'),
  ],
};

function operator(gates: number): Declaration {
  const at = `${gates.toLocaleString('en')} gates`;
  const of = (what: string, title: string, unit: ReportedFigure['unit']) =>
    figure(`operator-${gates}-${what}`, `${title}, ${at}`, unit);
  return {
    figures: [
      of('memory', 'Memory (RSS)', 'B'),
      of('patch-p50', 'From patch to the proxy that runs it, p50', 's'),
      of('patch-p99', 'From patch to the proxy that runs it, p99', 's'),
      of('recovery', 'Recovery after a restart', 's'),
      of('idle-requests', 'Requests while nothing changes', '/s'),
      of('status-writes', 'Writes per gate under 1,000 connections/s', '/s'),
    ],
    goals: GOALS[gates] ?? [],
  };
}

function figure(name: string, title: string, unit: ReportedFigure['unit']): ReportedFigure {
  return { name, title, unit, better: 'lower', section: SECTION };
}

function atMost(
  name: string,
  title: string,
  goal: number,
  unit: Goal['unit'],
  whyNot?: string,
): Goal {
  return absolute(name, { title, sense: 'atMost', goal, unit, whyNot });
}
