import { FULL } from '../effort.ts';
import { BANDWIDTH } from '../measures/faults.ts';
import type { FigureInfo } from '../measures/measure.ts';
import { plural } from '../measures/throughput.ts';
import { ratios } from '../statistics.ts';
import type { Samples } from './samples.ts';

export interface Goal {
  readonly name: string;
  readonly title: string;
  readonly sense: 'atLeast' | 'atMost';
  readonly goal: number;
  readonly unit: FigureInfo['unit'];
  /** One value per round. */
  values(samples: Samples): number[];
}

type Options = Omit<Goal, 'values' | 'name' | 'unit'> & { readonly unit?: Goal['unit'] };

/** Ours, as it is. */
function absolute(figure: string, options: Options): Goal {
  return { name: figure, unit: 'ratio', ...options, values: ({ of }) => [...of(figure)] };
}

/** Ours to another's. */
function beside(figure: string, peer: 'toxiproxy' | 'haproxy', options: Options): Goal {
  const name = `${figure}-to-${peer}`;
  return { name, unit: 'ratio', ...options, values: ({ ratio }) => ratio(figure, peer) };
}

/** @param counts how many there are, few to many: the most are held against the fewest */
function flat(family: string, what: string, counts: readonly number[]): Goal {
  const name = `growth-${family.replace('-*', '')}`;
  const [few, many] = [counts[0], counts.at(-1)].map((count) => count?.toLocaleString('en'));
  return {
    name,
    title: `${what}, of ${many} to of ${few}`,
    sense: 'atMost',
    goal: 1.2,
    unit: 'ratio',
    values: ({ growth }) => growth(family),
  };
}

/** Goals of issue 6 of the project, one row each. */
export const GOALS: readonly Goal[] = [
  ...[1, 8].map(enoughLoad),
  beside('throughput-1', 'toxiproxy', {
    title: 'Throughput, 1 connection, to Toxiproxy',
    sense: 'atLeast',
    goal: 1.5,
  }),
  beside('throughput-8', 'toxiproxy', {
    title: 'Throughput, 8 connections, to Toxiproxy',
    sense: 'atLeast',
    goal: 1.3,
  }),
  ...[1, 8].map((connections) =>
    beside(`throughput-${connections}`, 'haproxy', {
      title: `Throughput, ${plural(connections)}, to HAProxy`,
      sense: 'atLeast',
      goal: 1,
    }),
  ),
  ...[1, 32].flatMap((connections) => [
    ...['p50', 'p99'].map((percentile) =>
      beside(`round-trip-${connections}-${percentile}`, 'toxiproxy', {
        title: `Round trip, ${percentile}, ${plural(connections)}, to Toxiproxy`,
        sense: 'atMost',
        goal: 1,
      }),
    ),
    beside(`round-trip-${connections}-p50`, 'haproxy', {
      title: `Round trip, p50, ${plural(connections)}, to HAProxy`,
      sense: 'atMost',
      goal: 1.1,
    }),
  ]),
  beside('connects', 'toxiproxy', {
    title: 'New connections per second, to Toxiproxy',
    sense: 'atLeast',
    goal: 1.5,
  }),
  ...[1, 8].map((connections) =>
    beside(`throughput-${connections}-cpu-per-gb`, 'toxiproxy', {
      title: `Processor time per GB, ${plural(connections)}, to Toxiproxy`,
      sense: 'atMost',
      goal: 0.7,
    }),
  ),
  ...[1, 32].map((connections) =>
    beside(`round-trip-${connections}-cpu-per-100k`, 'toxiproxy', {
      title: `Processor time per 100,000 round trips, ${plural(connections)}, to Toxiproxy`,
      sense: 'atMost',
      goal: 0.9,
    }),
  ),
  beside('memory-idle', 'toxiproxy', {
    title: 'Memory at 5,000 idle connections, to Toxiproxy',
    sense: 'atMost',
    goal: 0.4,
  }),
  absolute('memory-process', {
    title: 'Memory of the idle process',
    sense: 'atMost',
    goal: 60e6,
    unit: 'B',
  }),
  ...[10, 100, 1_000].flatMap(delayed),
  {
    name: 'bandwidth-deviation',
    title: 'Bandwidth of 100 MB/s: further from it than Toxiproxy is, as a share of it',
    sense: 'atMost',
    goal: 0.01,
    unit: 'ratio',
    values: ({ of }) => {
      const off = (samples: readonly number[]) =>
        samples.map((rate) => Math.abs(rate / BANDWIDTH - 1));
      const theirs = off(of('bandwidth', 'toxiproxy'));
      return off(of('bandwidth')).map((ours, round) => ours - (theirs[round] ?? Number.NaN));
    },
  },
  beside('bandwidth-cpu-per-gb', 'toxiproxy', {
    title: 'Bandwidth of 100 MB/s: processor time per GB, to Toxiproxy',
    sense: 'atMost',
    goal: 1,
  }),
  beside('slice', 'toxiproxy', {
    title: 'Slices of 1 KiB: throughput, to Toxiproxy',
    sense: 'atLeast',
    goal: 1,
  }),
  ...['corrupt', 'corrupt-all', 'substitute', 'coalesce'].map((name) =>
    absolute(name, {
      title: `Throughput with ${name}`,
      sense: 'atLeast',
      goal: 200e6,
      unit: 'B/s',
    }),
  ),
  flat('connections-*-time', 'Time per connection', FULL.connections),
  flat('connections-*-live', 'Live memory per connection', FULL.connections),
  flat('gates-*-time', 'Time per gate', FULL.gates),
  flat('gates-*-change', 'Time per gate to change faults', FULL.gates),
  flat('gates-*-live', 'Live memory per gate', FULL.gates),
  ...onTheCluster(),
];

/** The load generator must not be what limits a proxy. */
function enoughLoad(connections: number): Goal {
  const figure = `throughput-${connections}`;
  return {
    name: `load-${connections}`,
    title: `Load generator: direct throughput to that of the fastest proxy, ${plural(connections)}`,
    sense: 'atLeast',
    goal: 2,
    unit: 'ratio',
    values: ({ of, all }) => {
      const proxies = [...all(figure)].filter(([peer]) => peer !== 'direct');
      const direct = of(figure, 'direct');
      const fastest = direct.map((_, round) =>
        Math.max(...proxies.map(([, samples]) => samples[round] ?? 0)),
      );
      return ratios(direct, fastest);
    },
  };
}

function delayed(milliseconds: number): Goal[] {
  const name = `delay-${milliseconds}`;
  const under = `Delay of ${milliseconds} ms`;
  return [
    absolute(`${name}-share`, {
      title: `${under}: throughput to what the bound on held bytes allows`,
      sense: 'atLeast',
      goal: 0.9,
    }),
    absolute(`${name}-memory`, {
      title: `${under}: memory per byte in flight`,
      sense: 'atMost',
      goal: 1.3,
    }),
    absolute(`${name}-kept`, {
      title: `${under}: memory kept 5 s later, per byte that was in flight`,
      sense: 'atMost',
      goal: 0.13,
    }),
  ];
}

function onTheCluster(): Goal[] {
  const atMost = (name: string, title: string, goal: number, unit: Goal['unit']) =>
    absolute(name, { title, sense: 'atMost', goal, unit });
  return [
    atMost('patch-to-effect-p50', 'Patch to effect, 100 connections, p50', 0.02, 's'),
    atMost('patch-to-effect-p99', 'Patch to effect, 100 connections, p99', 0.06, 's'),
    atMost('operator-1000-memory', 'Memory of the operator, 1,000 gates', 150e6, 'B'),
    atMost('operator-10000-memory', 'Memory of the operator, 10,000 gates', 500e6, 'B'),
    atMost('operator-1000-patch-p99', "Patch to proxy's answer, 1,000 gates, p99", 0.1, 's'),
    atMost('operator-10000-recovery', 'Recovery of the operator, 10,000 gates', 30, 's'),
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
  ];
}
