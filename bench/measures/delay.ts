import { setTimeout as sleep } from 'node:timers/promises';
import { BUFFERS } from '../buffers.ts';
import type { Fault, Peer, PeerName } from '../peers/peer.ts';
import { memoryOf } from '../processes.ts';
import type { Context, Measure, Values } from './measure.ts';
import { underLoad } from './underLoad.ts';

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
      { name, title: `Throughput, ${under}`, unit: 'B/s', better: 'higher', at: milliseconds },
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
      },
      {
        name: `${name}-kept`,
        title: `Memory not given back 5 s after the load, per byte that was in flight, ${under}`,
        unit: 'ratio',
        better: 'lower',
      },
    ],
    peers,
    async prepare(context, peer) {
      return { round: () => round(context, peer, name, milliseconds, fault), async stop() {} };
    },
  };
}

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
    const rss = () => memoryOf(proxy.pid ?? 0).rss;
    // What comes with being at work at all is not the delay's.
    const free = await underLoad(context, proxy, 'flow', 1);
    await sleep(effort.giveBack * 1_000);
    const before = rss();
    await proxy.inject(fault);
    let peak = before;
    const delayed = await underLoad(context, proxy, 'flow', 1, {
      // The line has to be full first.
      warmUp: effort.warmUp + (2 * milliseconds) / 1_000,
      atPeak: () => {
        peak = rss();
      },
    });
    await sleep(effort.giveBack * 1_000);
    const after = rss();
    // Little's law: what arrives in a second is on the line for as long as the delay.
    const inFlight = delayed.perSecond * (milliseconds / 1_000);
    const bound = Math.min((BUFFERS.connectionBytes * 1_000) / milliseconds, free.perSecond);
    return {
      [name]: delayed.perSecond,
      [`${name}-share`]: delayed.perSecond / bound,
      // Memory that was idle before may not be there any more.
      [`${name}-memory`]: (peak - Math.min(before, after)) / inFlight,
      [`${name}-kept`]: (after - before) / inFlight,
    };
  } finally {
    await proxy.stop();
  }
}
