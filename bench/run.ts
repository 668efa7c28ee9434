/** `npm run bench`: measures chaosgate beside what a user would take instead. See docs/performance.md. */
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import { say } from '../test/cluster/say.ts';
import { type Effort, FULL, LEAST_ROUNDS, SMOKE } from './effort.ts';
import type { Figure } from './figure.ts';
import { Generator } from './generator.ts';
import { thisMachine } from './machine.ts';
import { allMeasures } from './measures/all.ts';
import { chaosgate } from './peers/chaosgate.ts';
import { direct } from './peers/direct.ts';
import { haproxy } from './peers/haproxy.ts';
import type { Peer } from './peers/peer.ts';
import { socat } from './peers/socat.ts';
import { toxiproxy } from './peers/toxiproxy.ts';
import { ensurePrograms, type Programs } from './programs.ts';
import { judge } from './report/goals.ts';
import { RESULTS, writeReport } from './report/report.ts';
import { goalsTable } from './report/table.ts';
import { merge, readResults, today, writeResults } from './results.ts';
import { runMeasure } from './runner.ts';

interface Options {
  only?: string;
  json?: string;
  before?: string;
  rounds?: string;
  peers?: string;
  bundle: string;
  smoke?: true;
  save?: true;
}

const ROOT = join(import.meta.dirname, '..');

await new Command('bench')
  .description('Measures chaosgate beside Toxiproxy, HAProxy, socat and the direct way.')
  .option(
    '--only <name>',
    'measure only what has this name, or if nothing has, a name that begins so',
  )
  .option('--peers <names>', 'measure only these peers, comma-separated')
  .option('--json <file>', 'write the figures and how they compare with the goals')
  .option('--save', 'update docs/performance.md, as a run of everything does')
  .option('--smoke', 'only see whether all of it works, in seconds')
  .option('--rounds <count>', `rounds, instead of ${LEAST_ROUNDS}`)
  .option('--bundle <file>', 'the build to measure', join(ROOT, 'dist/chaosgate.mjs'))
  .option('--before <file>', 'an earlier build of chaosgate, to measure beside')
  .action(main)
  .parseAsync();

async function main(options: Options): Promise<void> {
  const base = options.smoke === true ? SMOKE : FULL;
  const effort = { ...base, rounds: Number(options.rounds ?? base.rounds) };
  await access(options.bundle).catch(() => {
    throw new Error(`There is no ${options.bundle}: build it with npm run build`);
  });
  const programs = await ensurePrograms();
  const date = today();
  const figures = await measureAll(effort, programs, date, options);
  const machines = { [date]: await thisMachine(programs) };
  const results = { machines, rounds: effort.rounds, figures };
  const goals = judge(figures);
  process.stdout.write(goalsTable(goals, figures));
  if (options.json !== undefined) await writeResults(options.json, { ...results, goals });
  const isWhole = options.only === undefined && options.peers === undefined;
  if (options.save === true || (isWhole && options.smoke !== true)) {
    await writeResults(RESULTS, merge(await readResults(RESULTS), results));
    await writeReport();
  }
}

async function measureAll(
  effort: Effort,
  programs: Programs,
  date: string,
  options: Options,
): Promise<Figure[]> {
  const peers = availablePeers(programs, options);
  const all = allMeasures(effort);
  const named = all.filter(({ name }) => name === options.only);
  const chosen =
    named.length > 0 ? named : all.filter(({ name }) => name.startsWith(options.only ?? ''));
  if (chosen.length === 0) throw new Error(`Nothing has the name ${options.only}`);
  const generator = await Generator.start(programs.load);
  const figures: Figure[] = [];
  try {
    for (const measure of chosen) {
      figures.push(...(await runMeasure(measure, { generator, effort }, peers, date)));
    }
  } finally {
    await generator.stop();
  }
  return figures;
}

function availablePeers(programs: Programs, { bundle, before, peers }: Options): readonly Peer[] {
  for (const name of ['haproxy', 'socat'] as const) {
    if (programs[name] === undefined) say(`${name} is NOT MEASURED: it is not installed`);
  }
  const all = [
    direct,
    chaosgate(bundle),
    ...(before === undefined ? [] : [chaosgate(before, { name: 'before' })]),
    toxiproxy(programs.toxiproxy),
    ...(programs.haproxy === undefined ? [] : [haproxy(programs.haproxy)]),
    ...(programs.socat === undefined ? [] : [socat(programs.socat)]),
  ];
  const names = peers?.split(',');
  return names === undefined ? all : all.filter(({ name }) => names.includes(name));
}
