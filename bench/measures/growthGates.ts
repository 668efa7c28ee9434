import { setTimeout as sleep } from 'node:timers/promises';
import { gateConfig } from '../../src/gate/config.ts';
import type { Effort } from '../effort.ts';
import { bundleProgram, startGateProcess } from '../gates/gateProcess.ts';
import { Inspector } from '../inspector.ts';
import { freePort, memoryOf } from '../processes.ts';
import { costOfEach } from './each.ts';
import { flat } from './goal.ts';
import type { Context, Measure, Section, Values } from './measure.ts';

const TIME: Section = {
  name: 'growth-gates-time',
  title: 'Time to start a gate, from few to many',
  kind: 'lines',
  note: 'On top of 500 gates that are there already. A process that runs many gates, each as a proxy runs its one; in a cluster each gate has a process of its own.',
};

const CHANGE: Section = {
  name: 'growth-gates-change',
  title: "Time to change a gate's faults, from few to many",
  kind: 'lines',
};

const MEMORY: Section = {
  name: 'growth-gates-memory',
  title: 'Memory per gate, from few to many',
  kind: 'lines',
  note: 'Resident pages (RSS): few gates find room in pages that are there already, or bring a whole new part of the heap. Whether memory grows more than the gates do is told by the live memory, below.',
};

const LIVE: Section = {
  name: 'growth-gates-live',
  title: 'Live memory per gate, from few to many',
  kind: 'lines',
  note: 'What is in use after a collection of all garbage, as with connections above.',
};

/** What a gate costs when a process has few and when it has many, in a new process each. */
export function growthOfGates({ gates }: Effort): Measure {
  const figures = gates.flatMap((at) => [
    costOfEach('gates', at, 'time', 'Time to start a gate', 's', TIME),
    costOfEach('gates', at, 'change', "Time to change a gate's faults", 's', CHANGE),
    costOfEach('gates', at, 'memory', 'Memory per gate', 'B', MEMORY),
    costOfEach('gates', at, 'live', 'Live memory per gate', 'B', LIVE),
  ]);
  return {
    name: 'growth-gates',
    figures,
    goals: [
      flat('gates-*-time', 'Time per gate', gates),
      flat(
        'gates-*-change',
        'Time per gate to change faults',
        gates,
        'it takes microseconds, by which the rounds differ as much as from the goal: a process that runs 10,000 gates takes 17 µs for each. That it is the caches of the processor which hold less of each gate is a guess; in a cluster each gate has a process of its own.',
      ),
      flat('gates-*-live', 'Live memory per gate', gates),
    ],
    peers: ['chaosgate'],
    async prepare(context) {
      const { file, remove } = await bundleProgram('many.ts');
      return {
        async round() {
          const values = {};
          for (const count of gates) {
            Object.assign(values, await measure(context, file, count));
            Object.assign(values, await measureLive(context, file, count));
          }
          return values;
        },
        stop: remove,
      };
    },
  };
}

async function measure(context: Context, bundle: string, count: number): Promise<Values> {
  const { open, delayed } = snapshots(context);
  const { earlierGates: earlier, settle } = context.effort;
  const gateProcess = await startGateProcess(bundle);
  try {
    await gateProcess.grow(earlier);
    await gateProcess.apply(open, 0);
    await sleep(settle * 1_000);
    const before = memoryOf(gateProcess.pid).rss;
    const made = await gateProcess.grow(earlier + count);
    const started = await gateProcess.apply(open, earlier);
    await sleep(settle * 1_000);
    const after = memoryOf(gateProcess.pid).rss;
    const changed = await gateProcess.apply(delayed, 0);
    return {
      [`gates-${count}-time`]: (made + started) / count,
      [`gates-${count}-change`]: changed / (earlier + count),
      [`gates-${count}-memory`]: (after - before) / count,
    };
  } finally {
    await gateProcess.stop();
  }
}

/** In a process of its own: to collect garbage changes what is resident. */
async function measureLive(context: Context, bundle: string, count: number): Promise<Values> {
  const { open } = snapshots(context);
  const { earlierGates: earlier } = context.effort;
  const port = await freePort();
  const gateProcess = await startGateProcess(bundle, [`--inspect=127.0.0.1:${port}`]);
  try {
    await gateProcess.grow(earlier);
    await gateProcess.apply(open, 0);
    const inspector = await Inspector.connect(port);
    const before = await inspector.liveMemory();
    await gateProcess.grow(earlier + count);
    await gateProcess.apply(open, earlier);
    const after = await inspector.liveMemory();
    inspector.close();
    return { [`gates-${count}-live`]: (after - before) / count };
  } finally {
    await gateProcess.stop();
  }
}

function snapshots({ generator }: Context) {
  const upstream = { host: '127.0.0.1', port: generator.echoPort };
  return {
    open: { generation: 1, config: gateConfig.parse({ upstream }) },
    delayed: {
      generation: 2,
      config: gateConfig.parse({ upstream, toServer: { delay: { milliseconds: 1 } } }),
    },
  };
}
