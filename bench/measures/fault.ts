import type { Fault, PeerName } from '../peers/peer.ts';
import type { FigureInfo, Measure } from './measure.ts';
import { underLoad } from './underLoad.ts';

/** One connection with a fault at work: what it carries, and what that costs. */
export function faultAtWork(name: string, title: string, fault: Fault): Measure {
  const figures: readonly FigureInfo[] = [
    { name, title: `Throughput, 1 connection, ${title}`, unit: 'B/s', better: 'higher' },
    {
      name: `${name}-cpu-per-gb`,
      title: `Processor time of the proxy per GB, ${title}`,
      unit: 's',
      better: 'lower',
    },
  ];
  const ours: readonly PeerName[] = ['chaosgate', 'before'];
  return {
    name,
    figures,
    peers: fault.toxiproxy === undefined ? ours : [...ours, 'toxiproxy'],
    async prepare(context, peer) {
      const proxy = await peer.start(context.generator.sinkPort);
      await proxy.inject(fault);
      return {
        async round() {
          const { perSecond, cpu = 0, count } = await underLoad(context, proxy, 'flow', 1);
          return { [name]: perSecond, [`${name}-cpu-per-gb`]: cpu / (count / 1e9) };
        },
        stop: () => proxy.stop(),
      };
    },
  };
}
