import type { Measure } from './measure.ts';
import { plural } from './throughput.ts';
import { underLoad } from './underLoad.ts';

/** 64 bytes there and back, again and again, on each connection. */
export function roundTrips(connections: number): Measure {
  const name = `round-trip-${connections}`;
  const where = `64 bytes, ${plural(connections)}`;
  return {
    name,
    figures: [
      { name: `${name}-p50`, title: `Round trip, p50, ${where}`, unit: 's', better: 'lower' },
      { name: `${name}-p99`, title: `Round trip, p99, ${where}`, unit: 's', better: 'lower' },
      {
        name: `${name}-cpu-per-100k`,
        title: `Processor time of the proxy per 100,000 round trips, ${where}`,
        unit: 's',
        better: 'lower',
      },
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
