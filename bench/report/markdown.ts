import { PEERS } from '../peers/peer.ts';
import type { Figure, Machine, Results } from '../results.ts';
import { summarise } from '../statistics.ts';
import { SECTIONS, type Section } from './charts.ts';
import { formatSpread } from './format.ts';
import { type Judged, judge } from './goals.ts';
import { REASONS } from './reasons.ts';
import { goalText, valueText, verdict } from './table.ts';

/** Things that one has to know beside a section's figures. */
const NOTES: Readonly<Record<string, string>> = {
  memory:
    'socat is left out: it has a process per connection. Memory is what the process has resident (RSS); PSS splits what it shares with other processes, of which there are other Node.js processes here.',
  'growth-connections-memory':
    'Resident pages (RSS), on top of 2,000 connections that are open already: an idle process has room for some, which cost nothing then. So do ten among 2,000, in part: whether memory grows more than the connections do is told by the live memory, below. A proxy has two sockets per connection; where the limit of open files is 20,000, 9,900 connections in all are what comes nearest to 10,000.',
  'growth-connections-live':
    'What is in use after a collection of all garbage, asked of the process by its inspector: objects of JavaScript, and what they hold outside of the heap. What native code allocates by itself is only in the resident pages, above. Toxiproxy can not be asked so.',
  'growth-gates-time':
    'On top of 500 gates that are there already. A process that hosts many gates, each as a proxy hosts its one; in a cluster each gate has a process of its own.',
  'growth-gates-memory':
    'Resident pages (RSS): few gates find room in pages that are there already, or bring a whole new part of the heap. Whether memory grows more than the gates do is told by the live memory, below.',
  'growth-gates-live':
    'What is in use after a collection of all garbage, as with connections above.',
  cluster:
    "Measured on the test cluster, by `npm run cluster -- exec node bench/cluster/run.ts`. The operator at scale runs as one process against the real API server of the test cluster. Proxy processes that host many gates each stand in for pods: a kubelet for ten thousand pods does not fit on the machine. The gates are spread over namespaces of 1,000, and the operator's Lease lasts 120 s instead of 15, as the machine is that of the API server and of everything else, too.",
};

/** docs/performance.md. */
export function markdown(results: Results): string {
  const { figures } = results;
  const goals = judge(figures);
  const areOfSeveralDays = Object.keys(results.machines).length > 1;
  const sections = SECTIONS.flatMap((section) => {
    const own = figures.filter(section.figures);
    return own.length === 0 ? [] : [sectionOf(section, own, areOfSeveralDays)];
  });
  return `<!-- Generated from performance/results.json by \`npm run generate\`. -->
# Performance

\`npm run bench\` measures chaosgate beside what a user would take instead: Toxiproxy, HAProxy in TCP mode, socat, and
the direct way. What counts are the ratios; the numbers themselves are those of a machine that client, server and proxy
share.

${machinesText(results)}

## Goals

${goalTable(goals)}

A value is the median of its rounds; ± is half the distance between the quartiles. Ratios are taken round by round.
*Tie*: the rounds differ more from each other than the median differs from the goal.
${missed(goals)}
## How it is measured

- Each figure has at least 5 rounds, and each round measures every peer once, in turn: what disturbs the machine for a while disturbs all.
- Load comes from [bench/load](../bench/load), a Go program of its own that is client and server. It sends pages of a file (\`sendfile\`) and discards what arrives without a copy (\`MSG_TRUNC\`), so that it is not what limits a proxy: see the first goals.
- chaosgate is the bundle of the image, run by Node.js with the image's flags, and gets its faults by its control port as from the operator.
- Processor time is from \`/proc/PID/stat\`, memory from \`/proc/PID/smaps_rollup\` of the proxy's process. Bytes in flight are those that it has read and not written, from \`/proc/PID/io\`.

${sections.join('\n')}`;
}

function machinesText({ machines }: Results): string {
  const days = Object.entries(machines).sort(([a], [b]) => a.localeCompare(b));
  const [first] = days;
  if (first === undefined || days.length === 1) {
    return first === undefined ? '' : `Machine: ${machineText(first[1])}`;
  }
  const lines = days.map(([day, machine]) => `- ${day}: ${machineText(machine)}`);
  return `Machines, by the day of the figures; what stands in one row was measured on one:

${lines.join('\n')}`;
}

function machineText({ processor, cores, memoryBytes, kernel, programs }: Machine): string {
  const versions = Object.entries(programs).map(([name, version]) => `${name} ${version}`);
  const memory = Math.round(memoryBytes / 2 ** 30);
  return `${cores} cores of ${processor}, ${memory} GiB, Linux ${kernel}; ${versions.join(', ')}.`;
}

function goalTable(goals: readonly Judged[]): string {
  const rows = goals.map(
    (goal) =>
      `| ${goal.title} | ${valueText(goal)} | ${goalText(goal)} | ${verdict(goal)} | ${goal.rounds} |`,
  );
  return ['| what | value | goal | | rounds |', '|---|---|---|---|---|', ...rows].join('\n');
}

function missed(goals: readonly Judged[]): string {
  const lines = goals.flatMap(({ name, title, met }) => {
    const reason = REASONS[name];
    return met || reason === undefined ? [] : [`- **${title}**: ${reason}`];
  });
  return lines.length === 0 ? '' : `\n### What is not met, and why\n\n${lines.join('\n')}\n`;
}

function sectionOf(
  { name, title }: Section,
  figures: readonly Figure[],
  withDays: boolean,
): string {
  const peers = PEERS.filter((peer) => figures.some(({ samples }) => samples[peer] !== undefined));
  const rows = figures.map(({ title, unit, samples }) => {
    const cells = peers.map((peer) => {
      const of = samples[peer];
      if (of === undefined) return '';
      const { median, spread } = summarise(of);
      return formatSpread(median, spread, unit);
    });
    return `| ${title} | ${cells.join(' | ')} |`;
  });
  const days = [...new Set(figures.map(({ date }) => date))].sort();
  const notes = [NOTES[name], withDays ? `Measured on ${days.join(' and ')}.` : undefined];
  const note = notes.filter((text) => text !== undefined).join(' ');
  return `## ${title}

![${title}](performance/${name}.svg)
${note === '' ? '' : `\n${note}\n`}
| | ${peers.join(' | ')} |
|---|${'---|'.repeat(peers.length)}
${rows.join('\n')}
`;
}
