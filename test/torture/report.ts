import { arch, cpus, totalmem } from 'node:os';
import type { Tally } from './tally.ts';

/** What one campaign came to: all that docs/reliability.md says of it. */
export interface Report {
  readonly stage: string;
  readonly seed: number;
  /** How long it took, settling included. */
  readonly seconds: number;
  readonly machine: string;
  readonly bytes: { readonly checked: number; readonly changed: number; readonly leftOut: number };
  /** Bytes that were received while nothing could tell their place. */
  readonly unplacedBytes: number;
  readonly connections: number;
  readonly turnedAway: number;
  readonly patches: number;
  readonly patchMilliseconds: { readonly p50: number; readonly p99: number; readonly max: number };
  readonly disconnects: number;
  readonly runsEnded: number;
  readonly levers: number;
  readonly recreated: number;
  readonly upstreamsFailed: number;
  readonly kills: Readonly<Record<string, number>>;
  readonly disksFilled: number;
  readonly inputsRefused: number;
  readonly patchesRefused: number;
  readonly hostileConnections: number;
  /** Times that everything was lifted and all that was sent had to be there. */
  readonly drained: number;
  /** Most memory of each process, in bytes, under its limit. */
  readonly peakBytes: Readonly<Record<string, number>>;
  readonly limitBytes: number | undefined;
  /** What was lost, or was otherwise than the model says. */
  readonly problems: readonly string[];
}

export interface Campaigned {
  readonly stage: string;
  readonly seed: number;
  readonly seconds: number;
  readonly tally: Tally;
  readonly traffics: readonly { readonly connected: number; readonly turnedAway: number }[];
  readonly peakBytes: Readonly<Record<string, number>>;
  readonly limitBytes: number | undefined;
  readonly problems: readonly string[];
}

export function reportOf({ tally, traffics, seconds, ...rest }: Campaigned): Report {
  const { asSent, changed, left, unplaced } = tally.bytes;
  const quantile = (share: number) => Math.round(tally.patchQuantile(share));
  return {
    ...rest,
    seconds: Math.round(seconds),
    machine: `${cpus().length} processors (${arch()}), ${Math.round(totalmem() / 2 ** 30)} GiB`,
    bytes: { checked: asSent + changed, changed, leftOut: left },
    unplacedBytes: unplaced,
    connections: traffics.reduce((sum, { connected }) => sum + connected, 0),
    turnedAway: traffics.reduce((sum, { turnedAway }) => sum + turnedAway, 0),
    patches: tally.patches,
    patchMilliseconds: { p50: quantile(0.5), p99: quantile(0.99), max: quantile(1) },
    disconnects: tally.disconnects,
    runsEnded: tally.runsEnded,
    levers: tally.levers,
    recreated: tally.recreated,
    upstreamsFailed: tally.upstreamsFailed,
    kills: Object.fromEntries(tally.kills),
    disksFilled: tally.disksFilled,
    inputsRefused: tally.inputsRefused,
    patchesRefused: tally.patchesRefused,
    hostileConnections: tally.hostileConnections,
    drained: tally.drained,
  };
}

const count = (value: number) => value.toLocaleString('en');
const bytes = (value: number) =>
  value >= 1e9 ? `${(value / 1e9).toFixed(1)} GB` : `${(value / 1e6).toFixed(1)} MB`;
const mebibytes = (value: number) => `${Math.round(value / 2 ** 20)} MiB`;

/** The rows of docs/reliability.md, for one column. */
export function linesOf(report: Report): readonly (readonly [string, string])[] {
  const kills = Object.entries(report.kills).map(([what, times]) => `${what} ${count(times)}`);
  const { p50, p99, max } = report.patchMilliseconds;
  const peaks = Object.entries(report.peakBytes).map(
    ([what, most]) => `${what} ${mebibytes(most)}`,
  );
  return [
    ['seed', String(report.seed)],
    ['time', `${Math.round(report.seconds / 6) / 10} minutes`],
    ['bytes checked', bytes(report.bytes.checked)],
    [
      'of them changed by `corrupt` and `substitute`, as they had to be',
      bytes(report.bytes.changed),
    ],
    ['bytes left out by `drop`, as they had to be', bytes(report.bytes.leftOut)],
    [
      'received, but not to be placed: all changed, and some before them dropped',
      bytes(report.unplacedBytes),
    ],
    ['connections', count(report.connections)],
    [
      'turned away by `newConnections`, `maxConnections` or a server that failed, as they had to be',
      count(report.turnedAway),
    ],
    ['patches in force', count(report.patches)],
    ['until a patch was in force, p50, p99 and most', `${p50} ms, ${p99} ms, ${count(max)} ms`],
    ['disconnects', count(report.disconnects)],
    ['runs whose time was up', count(report.runsEnded)],
    ['gates that the lever made pass everything', count(report.levers)],
    ['gates deleted and created again', count(report.recreated)],
    ['times that a server failed', count(report.upstreamsFailed)],
    ['inputs refused, of those that no gate takes: all', count(report.inputsRefused)],
    ['patches refused on a full disk, and not made', count(report.patchesRefused)],
    ['kills', kills.join(', ') || 'none'],
    ['disks filled', count(report.disksFilled)],
    ['hostile connections', count(report.hostileConnections)],
    ['times that everything had to pass, and all that was sent was there', count(report.drained)],
    ['most memory', peaks.join(', ') || 'not measured'],
    ['lost', report.problems.length === 0 ? 'nothing' : report.problems.join('<br>')],
  ];
}
