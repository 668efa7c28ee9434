import { setTimeout as sleep } from 'node:timers/promises';
import type { Effort } from '../effort.ts';
import { memoryOf } from '../processes.ts';
import { costOfEach } from './each.ts';
import type { FigureInfo, Measure } from './measure.ts';
import { underLoad } from './underLoad.ts';

/** What a connection costs when there are few and when there are many, in a new process each. */
export function growthOfConnections({ connections }: Effort): Measure {
  const figures = connections.flatMap((at): readonly FigureInfo[] => [
    costOfEach('connections', at, 'time', 'Time to open a connection', 's'),
    costOfEach('connections', at, 'memory', 'Memory per connection', 'B'),
    {
      name: `connections-${at}-round-trip`,
      title: `Round trip, p50, beside ${at} idle connections`,
      unit: 's',
      better: 'lower',
      at,
    },
  ]);
  return {
    name: 'growth-connections',
    figures,
    peers: ['chaosgate', 'before', 'toxiproxy'],
    async prepare(context, peer) {
      const { generator, effort } = context;
      const measure = async (count: number) => {
        const proxy = await peer.start(generator.echoPort);
        try {
          await generator.open(proxy.address, effort.earlierConnections);
          await sleep(effort.settle * 1_000);
          const before = memoryOf(proxy.pid ?? 0).rss;
          const { seconds } = await generator.open(proxy.address, count);
          await sleep(effort.settle * 1_000);
          const after = memoryOf(proxy.pid ?? 0).rss;
          const { p50 } = await underLoad(context, proxy, 'roundTrips', 1);
          return {
            [`connections-${count}-time`]: seconds / count,
            [`connections-${count}-memory`]: (after - before) / count,
            [`connections-${count}-round-trip`]: p50,
          };
        } finally {
          await generator.close();
          await proxy.stop();
        }
      };
      return {
        async round() {
          const values = {};
          for (const count of connections) Object.assign(values, await measure(count));
          return values;
        },
        async stop() {},
      };
    },
  };
}
