import type { Measure } from './measure.ts';
import { underLoad } from './underLoad.ts';

const WORKERS = 8;

/** Connect, one round trip, close; eight at a time. */
export const connects: Measure = {
  name: 'connects',
  figures: [
    { name: 'connects', title: 'New connections per second', unit: '/s', better: 'higher' },
    {
      name: 'connects-cpu-per-1k',
      title: 'Processor time of the proxy per 1,000 connections',
      unit: 's',
      better: 'lower',
    },
  ],
  peers: ['direct', 'chaosgate', 'before', 'toxiproxy', 'haproxy', 'socat'],
  async prepare(context, peer) {
    const proxy = await peer.start(context.generator.echoPort);
    return {
      async round() {
        const { perSecond, cpu, count } = await underLoad(context, proxy, 'dials', WORKERS);
        return {
          connects: perSecond,
          ...(cpu === undefined ? {} : { 'connects-cpu-per-1k': cpu / (count / 1e3) }),
        };
      },
      stop: () => proxy.stop(),
    };
  },
};
