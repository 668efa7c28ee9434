import { setTimeout as sleep } from 'node:timers/promises';
import { memoryOf } from '../processes.ts';
import type { FigureInfo, Measure } from './measure.ts';

const figures: readonly FigureInfo[] = [
  { name: 'memory-process', title: 'Memory (RSS), no connection', unit: 'B', better: 'lower' },
  {
    name: 'memory-process-pss',
    title: 'Memory (PSS), no connection',
    unit: 'B',
    better: 'lower',
  },
  {
    name: 'memory-idle',
    title: 'Memory (RSS), 5,000 idle connections',
    unit: 'B',
    better: 'lower',
  },
  {
    name: 'memory-idle-pss',
    title: 'Memory (PSS), 5,000 idle connections',
    unit: 'B',
    better: 'lower',
  },
];

/** A new process each round: what one keeps from before is not the connections'. */
export const idleMemory: Measure = {
  name: 'memory',
  figures,
  peers: ['chaosgate', 'before', 'toxiproxy', 'haproxy'],
  async prepare({ generator, effort }, peer) {
    return {
      async round() {
        const proxy = await peer.start(generator.echoPort);
        try {
          const pid = proxy.pid ?? 0;
          await sleep(effort.settle * 1_000);
          const empty = memoryOf(pid);
          await generator.open(proxy.address, effort.idleConnections);
          await sleep(effort.settle * 1_000);
          const full = memoryOf(pid);
          return {
            'memory-process': empty.rss,
            'memory-process-pss': empty.pss,
            'memory-idle': full.rss,
            'memory-idle-pss': full.pss,
          };
        } finally {
          await generator.close();
          await proxy.stop();
        }
      },
      async stop() {},
    };
  },
};
