import { PEERS } from '../peers/peer.ts';
import type { Machine, Results } from '../results.ts';
import { summarise } from '../statistics.ts';
import { type Part, partsOf } from './declared.ts';
import { formatSpread } from './format.ts';
import { type Judged, judge } from './goals.ts';
import { goalText, valueText, verdict } from './table.ts';

/** docs/performance.md. */
export function markdown(results: Results): string {
  const { figures } = results;
  const goals = judge(figures);
  const areOfSeveralDays = Object.keys(results.machines).length > 1;
  const sections = partsOf(figures).map((part) => sectionOf(part, areOfSeveralDays));
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
- Load comes from [bench/load](../bench/load), a Go program of its own that is client and server. It sends pages of a file (\`sendfile\`) and discards what arrives without a copy (\`MSG_TRUNC\`), so that it is not what limits a proxy: see the goals of the load generator.
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
  const lines = goals.flatMap(({ title, met, whyNot }) =>
    met || whyNot === undefined ? [] : [`- **${title}**: ${whyNot}`],
  );
  return lines.length === 0 ? '' : `\n### What is not met, and why\n\n${lines.join('\n')}\n`;
}

function sectionOf({ name, title, note, figures }: Part, withDays: boolean): string {
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
  const notes = [note, withDays ? `Measured on ${days.join(' and ')}.` : undefined];
  const text = notes.filter((each) => each !== undefined).join(' ');
  return `## ${title}

![${title}](performance/${name}.svg)
${text === '' ? '' : `\n${text}\n`}
| | ${peers.join(' | ')} |
|---|${'---|'.repeat(peers.length)}
${rows.join('\n')}
`;
}
