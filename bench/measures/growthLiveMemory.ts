import { until } from '../../test/cluster/poll.ts';
import type { Effort } from '../effort.ts';
import { Inspector } from '../inspector.ts';
import type { RunningPeer } from '../peers/peer.ts';
import { freePort, openFiles } from '../processes.ts';
import { quantile } from '../statistics.ts';
import { costOfEach } from './each.ts';
import { flat } from './goal.ts';
import type { Context, Measure, Section, Values } from './measure.ts';

const CLOSING = { timeoutMs: 30_000, intervalMs: 20 };

const SECTION: Section = {
  name: 'growth-connections-live',
  title: 'Live memory per connection, from few to many',
  kind: 'lines',
  note: 'Memory in use after a full garbage collection, as reported by the inspector of the process: JavaScript objects, and what they hold outside the heap. Memory that native code allocates by itself is only in the resident pages, above. Toxiproxy has no such report.',
};

/**
 * Whether a connection costs the same among few as among many, by the memory that is in use when all garbage has been
 * collected. Resident pages cannot tell: few connections find room in pages that are there already, and whether there
 * is a new one is chance. Only what Node.js runs can be asked, and what native code allocates by itself is left out: of
 * that, resident pages tell among many.
 */
export function growthOfLiveMemory({ connections }: Effort): Measure {
  const figures = connections.map((at) =>
    costOfEach('connections', at, 'live', 'Live memory per connection', 'B', SECTION),
  );
  return {
    name: 'growth-live-memory',
    figures,
    goals: [flat('connections-*-live', 'Live memory per connection', connections)],
    peers: ['chaosgate', 'before'],
    async prepare(context, peer) {
      return {
        async round() {
          const port = await freePort();
          const inspected = peer.withFlags?.([`--inspect=127.0.0.1:${port}`]);
          if (inspected === undefined) throw new Error(`${peer.name} is not run by Node.js`);
          const proxy = await inspected.start(context.generator.echoPort);
          try {
            return await measure(context, proxy, await Inspector.connect(port));
          } finally {
            await context.generator.close();
            await proxy.stop();
          }
        },
        async stop() {},
      };
    },
  };
}

/** In one process that has had connections before, so that its code is compiled. */
async function measure(
  { generator, effort }: Context,
  { address, pid = 0 }: RunningPeer,
  inspector: Inspector,
): Promise<Values> {
  const unused = openFiles(pid);
  const closeAll = async () => {
    await generator.close();
    await until('all connections are closed', CLOSING, () => openFiles(pid) <= unused);
  };
  const measureOne = async (count: number): Promise<number> => {
    // The first one brings what all share.
    await generator.open(address, 1);
    const before = await inspector.liveMemory();
    await generator.open(address, count);
    const after = await inspector.liveMemory();
    await closeAll();
    return (after - before) / count;
  };
  await generator.open(address, effort.earlierConnections);
  await closeAll();
  const values: Record<string, number> = {};
  for (const count of effort.connections) {
    const batches: number[] = [];
    while (batches.length * count < effort.leastConnections) batches.push(await measureOne(count));
    values[`connections-${count}-live`] = quantile(batches, 0.5);
  }
  inspector.close();
  return values;
}
