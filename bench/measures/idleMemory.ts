import { setTimeout as sleep } from 'node:timers/promises';
import { memoryOf } from '../processes.ts';
import { absolute, beside } from './goal.ts';
import type { Measure, ReportedFigure, Section } from './measure.ts';

const SECTION: Section = {
  name: 'memory',
  title: 'Memory',
  kind: 'bars',
  note: 'socat is left out: it has a process per connection. Memory is what the process has resident (RSS); PSS splits what it shares with other processes, of which there are other Node.js processes here.',
};

function memory(name: string, title: string): ReportedFigure {
  return { name, title, unit: 'B', better: 'lower', section: SECTION };
}

/** A new process each round: what one keeps from before is not the connections'. */
export const idleMemory: Measure = {
  name: 'memory',
  figures: [
    memory('memory-process', 'Memory (RSS), no connection'),
    memory('memory-process-pss', 'Memory (PSS), no connection'),
    memory('memory-idle', 'Memory (RSS), 5,000 idle connections'),
    memory('memory-idle-pss', 'Memory (PSS), 5,000 idle connections'),
  ],
  goals: [
    beside('memory-idle', 'toxiproxy', {
      title: 'Memory at 5,000 idle connections, to Toxiproxy',
      sense: 'atMost',
      goal: 0.4,
      whyNot:
        'a connection costs less than a quarter of what it costs in Toxiproxy, but the process begins with seven times as much: see the next row. Needed: that, and 7 kB instead of 10 kB per connection.',
    }),
    absolute('memory-process', {
      title: 'Memory of the idle process',
      sense: 'atMost',
      goal: 60e6,
      unit: 'B',
      whyNot:
        'Node.js has 44 MB resident without any code, and 56 MB with a TLS and an HTTP server (`node -e`), nearly all of it pages of its executable, which the proxies of a node share. The rest is the schemas, metrics, log and command line of a proxy, and their source; it was 17 MB more when the operator was in the same file. Needed: lighter libraries for these; there are 4 MB to spare for them.',
    }),
  ],
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
