import type { Fault, PeerName } from '../peers/peer.ts';
import type { Goal } from './goal.ts';
import type { Measure, Section } from './measure.ts';
import { processorTime } from './processor.ts';
import { underLoad } from './underLoad.ts';

const SECTION: Section = { name: 'faults', title: 'Other faults at work', kind: 'bars' };

/** One connection with a fault at work: what it carries, and what that costs. */
export function faultAtWork(
  name: string,
  title: string,
  fault: Fault,
  goals: readonly Goal[],
): Measure {
  const ours: readonly PeerName[] = ['chaosgate', 'before'];
  return {
    name,
    figures: [
      {
        name,
        title: `Throughput, 1 connection, ${title}`,
        unit: 'B/s',
        better: 'higher',
        section: SECTION,
      },
      processorTime(`${name}-cpu-per-gb`, `GB, ${title}`),
    ],
    goals,
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
