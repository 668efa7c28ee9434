import type { Measure } from './measure.ts';
import { underLoad } from './underLoad.ts';

/** Bytes from clients to the server without faults, as fast as they go. */
export function throughput(connections: number): Measure {
  const name = `throughput-${connections}`;
  return {
    name,
    figures: [
      {
        name,
        title: `Throughput, ${plural(connections)}`,
        unit: 'B/s',
        better: 'higher',
      },
      {
        name: `${name}-cpu-per-gb`,
        title: `Processor time of the proxy per GB, ${plural(connections)}`,
        unit: 's',
        better: 'lower',
      },
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

export function plural(connections: number): string {
  return connections === 1 ? '1 connection' : `${connections} connections`;
}
