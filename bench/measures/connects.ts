import { beside } from './goal.ts';
import type { Measure, Section } from './measure.ts';
import { processorTime } from './processor.ts';
import { underLoad } from './underLoad.ts';

const WORKERS = 8;

const SECTION: Section = { name: 'connects', title: 'New connections', kind: 'bars' };

/** Connect, one round trip, close; eight at a time. */
export const connects: Measure = {
  name: 'connects',
  figures: [
    {
      name: 'connects',
      title: 'New connections per second',
      unit: '/s',
      better: 'higher',
      section: SECTION,
    },
    processorTime('connects-cpu-per-1k', '1,000 connections'),
  ],
  goals: [
    beside('connects', 'toxiproxy', {
      title: 'New connections per second, to Toxiproxy',
      sense: 'atLeast',
      goal: 1.5,
      whyNot:
        'a connection costs less processor time than in Toxiproxy, but all of it on one thread, and half of it in three system calls: write, connect, close ([profile](performance/profiles.md)). Needed: several threads for one gate.',
    }),
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
