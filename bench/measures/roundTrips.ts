import { beside } from './goal.ts';
import type { Measure, Section } from './measure.ts';
import { processorTime } from './processor.ts';
import { plural } from './throughput.ts';
import { underLoad } from './underLoad.ts';

const SECTION: Section = { name: 'round-trips', title: 'Round trips of 64 bytes', kind: 'bars' };

interface WhyNot {
  readonly toToxiproxy: string;
  readonly toHaproxy?: string;
  readonly processor?: string;
}

/** By how many connections there are. */
const WHY_NOT: Readonly<Record<1 | 32, WhyNot>> = {
  1: {
    toToxiproxy:
      'as fast as HAProxy, and with less processor time than Toxiproxy, whose Go runtime looks for work before it sleeps: that it is this which saves it a wake-up is a guess. Needed: to ask for events again before sleeping, at the price of processor time while nothing comes; Node.js has no option for it.',
  },
  32: {
    toToxiproxy:
      'the proxy is one thread, Toxiproxy has one for each core. Needed: several threads for one gate.',
    toHaproxy:
      'the proxy is one thread, HAProxy has two, and takes less processor time per round trip. Needed: several threads for one gate.',
    processor:
      'nearly nine tenths of the time are spent in the system call that writes ([profile](performance/profiles.md)), one per 64 bytes. Needed: fewer system calls, as io_uring would allow; Node.js has none for sockets.',
  },
};

/** 64 bytes there and back, again and again, on each connection. */
export function roundTrips(connections: 1 | 32): Measure {
  const name = `round-trip-${connections}`;
  const where = `64 bytes, ${plural(connections)}`;
  const whyNot = WHY_NOT[connections];
  return {
    name,
    figures: [
      ...['p50', 'p99'].map((percentile) => ({
        name: `${name}-${percentile}`,
        title: `Round trip, ${percentile}, ${where}`,
        unit: 's' as const,
        better: 'lower' as const,
        section: SECTION,
      })),
      processorTime(`${name}-cpu-per-100k`, `100,000 round trips, ${where}`),
    ],
    goals: [
      beside(`${name}-p50`, 'toxiproxy', {
        title: `Round trip, p50, ${plural(connections)}, to Toxiproxy`,
        sense: 'atMost',
        goal: 1,
        whyNot: whyNot.toToxiproxy,
      }),
      beside(`${name}-p99`, 'toxiproxy', {
        title: `Round trip, p99, ${plural(connections)}, to Toxiproxy`,
        sense: 'atMost',
        goal: 1,
      }),
      beside(`${name}-p50`, 'haproxy', {
        title: `Round trip, p50, ${plural(connections)}, to HAProxy`,
        sense: 'atMost',
        goal: 1.1,
        whyNot: whyNot.toHaproxy,
      }),
      beside(`${name}-cpu-per-100k`, 'toxiproxy', {
        title: `Processor time per 100,000 round trips, ${plural(connections)}, to Toxiproxy`,
        sense: 'atMost',
        goal: 0.9,
        whyNot: whyNot.processor,
      }),
    ],
    peers: ['direct', 'chaosgate', 'before', 'toxiproxy', 'haproxy', 'socat'],
    async prepare(context, peer) {
      const proxy = await peer.start(context.generator.echoPort);
      return {
        async round() {
          const loaded = await underLoad(context, proxy, 'roundTrips', connections);
          const { p50, p99, cpu, count } = loaded;
          return {
            [`${name}-p50`]: p50,
            [`${name}-p99`]: p99,
            ...(cpu === undefined ? {} : { [`${name}-cpu-per-100k`]: cpu / (count / 1e5) }),
          };
        },
        stop: () => proxy.stop(),
      };
    },
  };
}
