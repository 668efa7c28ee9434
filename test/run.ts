/**
 * Runs the tests. With the cluster level among them, brings the cluster up first, builds the image and
 * puts it on, and runs everything where the cluster can be reached. Arguments go to vitest.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensurePrograms } from '../bench/programs.ts';
import { type Cluster, ensureCluster, NoClusterError } from './cluster/cluster.ts';
import { buildImage, IMAGE } from './cluster/image.ts';
import { buildLastRelease } from './cluster/lastRelease.ts';
import { runEverything } from './everything.ts';
import installPostgres from './examples/postgres.ts';
import { actionlintProgram } from './local/support/actionlint.ts';
import { registryProgram } from './local/support/registry.ts';

const args = process.argv.slice(2);
const vitest = join(import.meta.dirname, '../node_modules/.bin/vitest');

process.exitCode = await main();

async function main(): Promise<number> {
  if (!needsCluster(args)) return run([vitest, 'run', ...args]);
  const cluster = await clusterOrReason();
  if (typeof cluster === 'string') {
    console.error(`\nThe cluster tests were NOT RUN: ${cluster}\n`);
    const others = [
      'checks',
      'unit',
      'gate',
      'local',
      'client',
      'examples',
      'bench',
      'torture',
    ].map((name) => `--project=${name}`);
    const code = await run([vitest, 'run', ...others, ...args]);
    return process.env.CI ? code || 1 : code;
  }
  const startedHere = !cluster.wasRunning;
  try {
    // The cluster's network has no way out: whatever tests install or build must be there before.
    await installPostgres();
    await ensurePrograms();
    await actionlintProgram();
    await registryProgram();
    await buildLastRelease();
    await cluster.load(await buildImage(IMAGE));
    if (args.length === 0) return await runEverything(cluster.wrap, cluster.env);
    return await run(cluster.wrap([vitest, 'run', ...args]), cluster.env);
  } finally {
    if (startedHere) await cluster.down();
  }
}

/** `--project` without `cluster`, or a list of files outside of it, spares the cluster. */
function needsCluster(argv: readonly string[]): boolean {
  const { values, positionals } = parseArgs({
    args: [...argv],
    strict: false,
    allowPositionals: true,
    options: { project: { type: 'string', multiple: true } },
  });
  const projects = values.project as string[] | undefined;
  if (projects !== undefined) return projects.some((name) => name.startsWith('cluster'));
  return positionals.length === 0 || positionals.some((path) => path.includes('cluster'));
}

async function clusterOrReason(): Promise<Cluster | string> {
  try {
    return await ensureCluster();
  } catch (error) {
    if (error instanceof NoClusterError) return error.message;
    throw error;
  }
}

function run(
  [command = '', ...rest]: readonly string[],
  env: Record<string, string> = {},
): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, rest, { stdio: 'inherit', env: { ...process.env, ...env } });
    child.on('error', reject);
    child.on('exit', (code) => resolve(code ?? 1));
  });
}
