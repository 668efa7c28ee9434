/**
 * `npm run cluster -- exec node bench/cluster/run.ts`: what can be measured on a cluster only. The cluster must run and
 * have the image; for the patches the chart is installed for as long as they take. Clients, servers, proxies and this
 * program must share a machine, and so its clock: as on the test cluster.
 */
import { createServer } from 'node:net';
import { join } from 'node:path';
import { Command } from 'commander';
import { Kube } from '../../src/kube/client.ts';
import { loadKubeConfig } from '../../src/kube/config.ts';
import { say } from '../../test/cluster/say.ts';
import { setup } from '../../test/cluster/tests/support/install.ts';
import { LEAST_ROUNDS } from '../effort.ts';
import type { Figure } from '../figure.ts';
import { thisMachine } from '../machine.ts';
import type { ReportedFigure, Subject, Values } from '../measures/measure.ts';
import { judge } from '../report/goals.ts';
import { RESULTS, writeReport } from '../report/report.ts';
import { goalsTable } from '../report/table.ts';
import { merge, readResults, today, writeResults } from '../results.ts';
import { ensureDefinition } from './definition.ts';
import { OPERATOR_COUNTS, onCluster } from './figures.ts';
import { prepareOperator } from './operator.ts';
import { preparePatchedGate } from './patchToEffect.ts';

interface Options {
  only?: 'patch' | 'operator';
  gates: string;
  rounds: string;
  json?: string;
  bundle: string;
  save?: true;
}

const ROOT = join(import.meta.dirname, '../..');

await new Command('bench-cluster')
  .option('--only <part>', '`patch` or `operator`')
  .option('--gates <counts>', 'gates of an operator, comma-separated', OPERATOR_COUNTS.join())
  .option('--rounds <count>', 'rounds', String(LEAST_ROUNDS))
  .option('--json <file>', 'write the figures and how they compare with the goals')
  .option('--save', 'update docs/performance.md')
  .option('--bundle <file>', 'the build to measure', join(ROOT, 'dist/chaosgate.mjs'))
  .action(main)
  .parseAsync();

async function main(options: Options): Promise<void> {
  const { config } = await loadKubeConfig();
  const kube = new Kube(config, { userAgent: 'chaosgate-bench' });
  const rounds = Number(options.rounds);
  const counts = options.gates.split(',').map(Number);
  const values: Values[] = [];
  try {
    if (options.only !== 'operator') values.push(...(await measurePatches(kube, rounds)));
    if (options.only !== 'patch') {
      values.push(...(await measureOperators(kube, options.bundle, counts, rounds)));
    }
  } finally {
    await kube.close();
  }
  const date = today();
  const figures = onCluster(counts).flatMap(({ figures }) =>
    figures.flatMap((info) => figure(info, date, values)),
  );
  const results = { machines: { [date]: await thisMachine({}) }, figures };
  const goals = judge(figures);
  process.stdout.write(goalsTable(goals, figures));
  if (options.json !== undefined) await writeResults(options.json, { ...results, rounds, goals });
  if (options.save === true) {
    await writeResults(RESULTS, merge(await readResults(RESULTS), results));
    await writeReport();
  }
}

async function measurePatches(kube: Kube, rounds: number): Promise<Values[]> {
  const uninstall = await setup();
  try {
    return await repeated('patch to effect', rounds, await preparePatchedGate(kube));
  } finally {
    await uninstall();
  }
}

async function measureOperators(
  kube: Kube,
  bundle: string,
  counts: readonly number[],
  rounds: number,
): Promise<Values[]> {
  const removeDefinition = await ensureDefinition();
  // Gates get clients under churn.
  const upstream = createServer((socket) => socket.on('error', () => {}).resume());
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
  const address = upstream.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const values: Values[] = [];
  try {
    for (const count of counts) {
      const operator = await prepareOperator(kube, bundle, count, port);
      values.push(...(await repeated(`operator with ${count} gates`, rounds, operator)));
    }
  } finally {
    upstream.close();
    // What has failed before must not be hidden by this.
    await removeDefinition().catch(({ message }: Error) => say(message));
  }
  return values;
}

async function repeated(what: string, rounds: number, subject: Subject): Promise<Values[]> {
  const values: Values[] = [];
  try {
    for (let round = 1; round <= rounds; round += 1) {
      say(`${what}: round ${round} of ${rounds}`);
      const measured = await subject.round();
      // A run takes half an hour with many gates: what it came to so far is not lost with it.
      say(JSON.stringify(measured));
      values.push(measured);
    }
  } finally {
    await subject.stop();
  }
  return values;
}

function figure(
  { section: _, ...info }: ReportedFigure,
  date: string,
  values: readonly Values[],
): Figure[] {
  const chaosgate = values.flatMap((round) => round[info.name] ?? []);
  return chaosgate.length === 0 ? [] : [{ ...info, date, samples: { chaosgate } }];
}
