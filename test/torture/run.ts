/** `npm run torture`: see docs/reliability.md. */
import { randomInt } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { Command } from 'commander';
import { localWorld } from './local.ts';
import { saveToPage } from './page.ts';
import { linesOf } from './report.ts';

interface Options {
  readonly minutes: number;
  readonly seed?: number;
  readonly json?: string;
  readonly save?: true;
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
  .option('--save', 'put the figures into docs/reliability.md')
  .action(main)
  .parseAsync();

async function main({ minutes, seed = randomInt(2 ** 31), json, save }: Options): Promise<void> {
  const again = `npm run torture -- --minutes ${minutes} --seed ${seed}`;
  console.log(`Seed ${seed}. Again: ${again}`);
  const onProblem = (what: string) => console.log(`WRONG: ${what}`);
  const world = await localWorld({ seed, milliseconds: minutes * 60_000, onProblem });
  process.on('uncaughtException', (error) => world.verdict.wrong(error.stack ?? error.message));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => world.verdict.wrong(signal));
  }
  const report = await world.run();
  for (const [what, figure] of linesOf(report)) console.log(`${what}: ${figure}`);
  if (json !== undefined) await writeFile(json, `${JSON.stringify(report, null, 2)}\n`);
  if (save) await saveToPage(report);
  if (report.problems.length === 0) return;
  console.log(`\nThe last steps before that. Again: ${again}`);
  for (const step of world.verdict.history) console.log(step.slice(0, STEP_LENGTH));
  process.exitCode = 1;
}
