/** `npm run torture`: see docs/reliability.md. */
import { randomInt } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { Command, Option } from 'commander';
import { ensureCluster } from '../cluster/cluster.ts';
import { runInPlace } from '../cluster/exec.ts';
import { buildImage, IMAGE } from '../cluster/image.ts';
import { setup as installChart } from '../cluster/tests/support/install.ts';
import { clusterWorld } from './inCluster.ts';
import { localWorld } from './local.ts';
import { saveToPage } from './page.ts';
import { linesOf, type Report } from './report.ts';
import type { World } from './world.ts';

interface Options {
  readonly minutes: number;
  readonly seed?: number;
  readonly json?: string;
  readonly save?: true;
  readonly cluster?: true;
  readonly inside?: true;
}

/** Characters of a step that are told. */
const STEP_LENGTH = 400;

await new Command('torture')
  .description(
    'Random faults, patches, kills and attacks; a model knows what must be in force and which bytes must arrive.',
  )
  .option('--minutes <minutes>', 'how long', Number, 10)
  .option('--seed <number>', 'what everything is chosen by; any, if not set', Number)
  .option('--json <file>', 'write the report')
  .option('--cluster', 'the chart on the test node, instead of processes on this machine')
  .addOption(new Option('--inside').hideHelp())
  .option('--save', 'put the figures into docs/reliability.md')
  .action(main)
  .parseAsync();

// A campaign that was broken off may have left something that waits.
process.exit();

async function main(options: Options): Promise<void> {
  const seed = options.seed ?? randomInt(2 ** 31);
  if (options.cluster && !options.inside) await enterCluster(seed);
  else await torture({ ...options, seed });
}

/** Brings the cluster up with this checkout's image, and runs this again in its network. */
async function enterCluster(seed: number): Promise<void> {
  const cluster = await ensureCluster();
  try {
    await cluster.load(await buildImage(IMAGE));
    const args = [...process.argv.slice(1), '--seed', String(seed), '--inside'];
    process.exitCode = await runInPlace(cluster.wrap([process.execPath, ...args]), cluster.env);
  } finally {
    if (!cluster.wasRunning) await cluster.down();
  }
}

async function torture(options: Options & { readonly seed: number }): Promise<void> {
  const { minutes, seed, json, save, cluster } = options;
  const again = `npm run torture -- ${cluster ? '--cluster ' : ''}--minutes ${minutes} --seed ${seed}`;
  console.log(`Seed ${seed}. Again: ${again}`);
  const onProblem = (what: string) => console.log(`WRONG: ${what}`);
  const what = { seed, milliseconds: minutes * 60_000, onProblem };
  const uninstall = cluster ? await installChart() : undefined;
  const world = await (cluster ? clusterWorld(what) : localWorld(what));
  const report = await carriedOut(world);
  await uninstall?.();
  for (const [line, figure] of linesOf(report)) console.log(`${line}: ${figure}`);
  if (json !== undefined) await writeFile(json, `${JSON.stringify(report, null, 2)}\n`);
  if (save) await saveToPage(report);
  if (report.problems.length === 0) return;
  console.log(`\nThe last steps before that. Again: ${again}`);
  for (const step of world.findings.history) console.log(step.slice(0, STEP_LENGTH));
  process.exitCode = 1;
}

/** Whatever happens, what was started is taken away. */
function carriedOut(world: World): Promise<Report> {
  process.on('uncaughtException', (error) => world.findings.wrong(error.stack ?? error.message));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => world.findings.wrong(signal));
  }
  return world.run();
}
