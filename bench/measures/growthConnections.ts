import { setTimeout as sleep } from 'node:timers/promises';
import type { Effort } from '../effort.ts';
import { memoryOf } from '../processes.ts';
import { costOfEach } from './each.ts';
import { flat } from './goal.ts';
import type { Measure, ReportedFigure, Section } from './measure.ts';
import { underLoad } from './underLoad.ts';

const TIME: Section = {
  name: 'growth-connections-time',
  title: 'Time per connection, from few to many',
  kind: 'lines',
};

const MEMORY: Section = {
  name: 'growth-connections-memory',
  title: 'Memory per connection, from few to many',
  kind: 'lines',
  note: 'Resident pages (RSS), on top of 2,000 connections that are open already: an idle process has room for some, which cost nothing then. So do ten among 2,000, in part: whether memory grows more than the connections do is told by the live memory, below. A proxy has two sockets per connection; where the limit of open files is 20,000, 9,900 connections in all are what comes nearest to 10,000.',
};

const ROUND_TRIP: Section = {
  name: 'growth-round-trip',
  title: 'Round trip, p50, beside idle connections',
  kind: 'lines',
};

/** What a connection costs when there are few and when there are many, in a new process each. */
export function growthOfConnections({ connections }: Effort): Measure {
  const figures = connections.flatMap((at): readonly ReportedFigure[] => [
    costOfEach('connections', at, 'time', 'Time to open a connection', 's', TIME),
    costOfEach('connections', at, 'memory', 'Memory per connection', 'B', MEMORY),
    {
      name: `connections-${at}-round-trip`,
      title: `Round trip, p50, beside ${at} idle connections`,
      unit: 's',
      better: 'lower',
      at,
      section: ROUND_TRIP,
    },
  ]);
  return {
    name: 'growth-connections',
    figures,
    goals: [flat('connections-*-time', 'Time per connection', connections)],
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
