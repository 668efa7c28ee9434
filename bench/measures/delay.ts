import { setTimeout as sleep } from 'node:timers/promises';
import { BUFFERS } from '../buffers.ts';
import type { Fault, Peer, PeerName } from '../peers/peer.ts';
import { heldBytes, memoryOf } from '../processes.ts';
import { absolute, type Goal } from './goal.ts';
import type { Context, Measure, Section, Values } from './measure.ts';
import { underLoad } from './underLoad.ts';

const SECTION: Section = { name: 'delay', title: 'Under delay', kind: 'bars' };

const MEMORY: Section = {
  name: 'delay-memory',
  title: 'Memory under delay, per byte in flight',
  kind: 'bars',
};

/** Goals that one delay does not meet. */
const WHY_NOT: Readonly<Record<number, { readonly share: string; readonly memory: string }>> = {
  10: {
    share:
      'at 10 ms the bound on held bytes is above what one connection carries without faults, which is the measure then. Bytes that were held are written from memory instead of from the cache of the processor: that it is this which costs the rest is a guess. Needed: reads on another thread than writes, as Toxiproxy has them.',
    memory:
      'within a second, bytes in flight swing between less than one and 17 MB (that this is because three processes share two cores is a guess); memory is kept for a second, and so is that for the most that was held. Needed: to give memory back sooner, at the price of processor time for getting it again.',
  },
};

/** One connection under a delay: what it carries, what that takes, and what is left of it afterwards. */
export function delay(milliseconds: number): Measure {
  const name = `delay-${milliseconds}`;
  const under = `1 connection under ${milliseconds} ms of delay`;
  const fault: Fault = {
    chaosgate: { delay: { milliseconds } },
    toxiproxy: { type: 'latency', attributes: { latency: milliseconds } },
  };
  const peers: readonly PeerName[] = ['chaosgate', 'before', 'toxiproxy'];
  return {
    name,
    figures: [
      {
        name,
        title: `Throughput, ${under}`,
        unit: 'B/s',
        better: 'higher',
        at: milliseconds,
        section: SECTION,
      },
      {
        name: `${name}-share`,
        title: `Share of what the bound on held bytes allows, ${under}`,
        unit: 'ratio',
        better: 'higher',
      },
      {
        name: `${name}-memory`,
        title: `Memory per byte in flight, ${under}`,
        unit: 'ratio',
        better: 'lower',
        section: MEMORY,
      },
      {
        name: `${name}-kept`,
        title: `Memory not given back 5 s after the load, per byte that was in flight, ${under}`,
        unit: 'ratio',
        better: 'lower',
        section: MEMORY,
      },
    ],
    goals: goals(name, milliseconds),
    peers,
    async prepare(context, peer) {
      return { round: () => round(context, peer, name, milliseconds, fault), async stop() {} };
    },
  };
}

function goals(name: string, milliseconds: number): Goal[] {
  const under = `Delay of ${milliseconds} ms`;
  const whyNot = WHY_NOT[milliseconds];
  return [
    absolute(`${name}-share`, {
      title: `${under}: throughput to what the bound on held bytes allows`,
      sense: 'atLeast',
      goal: 0.9,
      whyNot: whyNot?.share,
    }),
    absolute(`${name}-memory`, {
      title: `${under}: memory per byte in flight`,
      sense: 'atMost',
      goal: 1.3,
      whyNot: whyNot?.memory,
    }),
    absolute(`${name}-kept`, {
      title: `${under}: memory kept 5 s later, per byte that was in flight`,
      sense: 'atMost',
      goal: 0.13,
    }),
  ];
}

/** What is in flight comes and goes with each read: so often it is looked at, and so many milliseconds apart. */
const LOOKS = 20;
const LOOK_INTERVAL = 25;

/** In a new process: one that has been under load before may still have memory from then. */
async function round(
  context: Context,
  peer: Peer,
  name: string,
  milliseconds: number,
  fault: Fault,
): Promise<Values> {
  const { generator, effort } = context;
  const proxy = await peer.start(generator.sinkPort);
  try {
    const pid = proxy.pid ?? 0;
    const rss = () => memoryOf(pid).rss;
    // What comes with being at work at all is not the delay's.
    const free = await underLoad(context, proxy, 'flow', 1);
    await sleep(effort.giveBack * 1_000);
    const before = { rss: rss(), held: heldBytes(pid) };
    await proxy.inject(fault);
    const peak = { rss: 0, held: 0 };
    const delayed = await underLoad(context, proxy, 'flow', 1, {
      // The line has to be full first.
      warmUp: effort.warmUp + (2 * milliseconds) / 1_000,
      async atPeak() {
        for (let look = 0; look < LOOKS; look += 1) {
          peak.rss += rss() / LOOKS;
          peak.held += heldBytes(pid) / LOOKS;
          await sleep(LOOK_INTERVAL);
        }
      },
    });
    await sleep(effort.giveBack * 1_000);
    const after = rss();
    const inFlight = peak.held - before.held;
    const bound = Math.min((BUFFERS.connectionBytes * 1_000) / milliseconds, free.perSecond);
    return {
      [name]: delayed.perSecond,
      [`${name}-share`]: delayed.perSecond / bound,
      // Memory that was idle before may not be there any more.
      [`${name}-memory`]: (peak.rss - Math.min(before.rss, after)) / inFlight,
      [`${name}-kept`]: (after - before.rss) / inFlight,
    };
  } finally {
    await proxy.stop();
  }
}
