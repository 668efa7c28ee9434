import { ratios } from '../statistics.ts';
import { beside, type Goal } from './goal.ts';
import type { Measure, Section } from './measure.ts';
import { processorTime } from './processor.ts';
import { underLoad } from './underLoad.ts';

const SECTION: Section = { name: 'throughput', title: 'Throughput without faults', kind: 'bars' };

interface Goals {
  /** The least ratio. */
  readonly toToxiproxy: number;
  readonly whyNotToHaproxy?: string;
}

/** By how many connections there are. */
const GOALS: Readonly<Record<1 | 8, Goals>> = {
  1: { toToxiproxy: 1.5 },
  8: {
    toToxiproxy: 1.3,
    whyNotToHaproxy:
      'per byte it takes less processor time than HAProxy, but on one thread where HAProxy has two. Needed: several threads for one gate.',
  },
};

/** Bytes from clients to the server without faults, as fast as they go. */
export function throughput(connections: 1 | 8): Measure {
  const name = `throughput-${connections}`;
  const where = plural(connections);
  const { toToxiproxy, whyNotToHaproxy } = GOALS[connections];
  return {
    name,
    figures: [
      {
        name,
        title: `Throughput, ${where}`,
        unit: 'B/s',
        better: 'higher',
        section: SECTION,
      },
      processorTime(`${name}-cpu-per-gb`, `GB, ${where}`),
    ],
    goals: [
      enoughLoad(name, connections),
      beside(name, 'toxiproxy', {
        title: `Throughput, ${where}, to Toxiproxy`,
        sense: 'atLeast',
        goal: toToxiproxy,
      }),
      beside(name, 'haproxy', {
        title: `Throughput, ${where}, to HAProxy`,
        sense: 'atLeast',
        goal: 1,
        whyNot: whyNotToHaproxy,
      }),
      beside(`${name}-cpu-per-gb`, 'toxiproxy', {
        title: `Processor time per GB, ${where}, to Toxiproxy`,
        sense: 'atMost',
        goal: 0.7,
      }),
    ],
    peers: ['direct', 'chaosgate', 'before', 'toxiproxy', 'haproxy', 'socat'],
    async prepare(context, peer) {
      const proxy = await peer.start(context.generator.sinkPort);
      return {
        async round() {
          const { perSecond, cpu, count } = await underLoad(context, proxy, 'flow', connections);
          return {
            [name]: perSecond,
            ...(cpu === undefined ? {} : { [`${name}-cpu-per-gb`]: cpu / (count / 1e9) }),
          };
        },
        stop: () => proxy.stop(),
      };
    },
  };
}

/** The load generator must not be what limits a proxy. */
function enoughLoad(figure: string, connections: number): Goal {
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

export function plural(connections: number): string {
  return connections === 1 ? '1 connection' : `${connections} connections`;
}
