import { spawn } from 'node:child_process';
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Counts, sum, TALLY_FILE, tallyLine } from './support/counts.ts';

/** A run of vitest, by its choice of projects. */
type Lane = readonly string[];

/**
 * One stage after the other, the lanes of a stage at the same time. The data plane's tests measure times, and have the
 * machine for themselves. The cluster level waits for pods most of the time, so all the rest runs meanwhile.
 */
const STAGES: readonly (readonly Lane[])[] = [
  [['gate']],
  [
    ['cluster', 'cluster-side-by-side'],
    ['!gate', '!cluster', '!cluster-side-by-side'],
  ],
];

/**
 * Runs every level, and ends with one line over all of them.
 *
 * @param wrap makes a command run where the cluster can be reached
 * @returns the exit code
 */
export async function runEverything(
  wrap: (command: readonly string[]) => readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'chaosgate-test-'));
  try {
    const runs: (Counts | undefined)[] = [];
    let code = 0;
    for (const [stage, lanes] of STAGES.entries()) {
      const ends = lanes.map(async (lane, number) => {
        const place = join(folder, `${stage}-${number}`);
        const command = wrap([
          ...[process.execPath, VITEST, 'run'],
          ...lane.map((project) => `--project=${project}`),
        ]);
        const ended = await runLane(
          command,
          { ...env, [TALLY_FILE]: `${place}.json` },
          number > 0 ? `${place}.log` : undefined,
        );
        code ||= ended;
        runs.push(countsIn(`${place}.json`));
      });
      await Promise.all(ends);
    }
    const counts = sum(runs);
    console.log(`\n${tallyLine(counts)}`);
    return code || (counts.failed > 0 ? 1 : 0);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const VITEST = join(import.meta.dirname, '../node_modules/vitest/vitest.mjs');

/** @param log where the output goes, which is shown at the end: that of two lanes cannot be read in one. */
function runLane(
  [command = '', ...rest]: readonly string[],
  env: Readonly<Record<string, string>>,
  log: string | undefined,
): Promise<number> {
  const output = log === undefined ? 'inherit' : openSync(log, 'w');
  return new Promise((resolve, reject) => {
    const child = spawn(command, rest, {
      stdio: ['ignore', output, output],
      env: { ...process.env, ...env },
    });
    child.on('error', reject);
    child.on('exit', (code) => {
      if (log !== undefined) process.stdout.write(readFileSync(log));
      resolve(code ?? 1);
    });
  });
}

function countsIn(file: string): Counts | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Counts;
  } catch {
    return undefined;
  }
}
