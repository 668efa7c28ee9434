/** `npm run cluster -- COMMAND`: the cluster for tests, by hand. */
import { Command } from 'commander';
import { chooseCluster, ensureCluster } from './cluster.ts';
import { runCommand } from './command.ts';
import { NoClusterError } from './errors.ts';
import { runInPlace } from './exec.ts';
import { IMAGE } from './image.ts';
import { say } from './say.ts';

const program = new Command('cluster')
  .description(
    `A Kubernetes cluster for tests: the one that CHAOSGATE_TEST_KUBECONFIG names; else kind, where a Docker engine
answers; else a node that is built and started here (Linux, root).`,
  )
  .enablePositionalOptions();

program
  .command('up')
  .description('start the cluster, unless it is ready; the first time builds it, about ten minutes')
  .action(async () => {
    const started = performance.now();
    const { kind, wasRunning } = await ensureCluster();
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    say(wasRunning ? `The ${kind} was ready` : `The ${kind} is ready, after ${seconds} s`);
  });

program
  .command('exec')
  .description('run a command where the cluster can be reached, with KUBECONFIG, kubectl and helm')
  .argument('<command...>')
  .passThroughOptions()
  .action(async (command: string[]) => {
    const cluster = await runningCluster();
    process.exitCode = await runInPlace(cluster.wrap(command), cluster.env);
  });

program
  .command('load')
  .description('put an image that `npm run image` built on the cluster')
  .argument('[image]', 'its name', IMAGE)
  .action(async (image: string) => {
    const cluster = await runningCluster();
    await cluster.load(image);
  });

program
  .command('status')
  .description('say which cluster this is and how it is; ends with code 0 when it is ready')
  .action(async () => {
    const cluster = await chooseCluster();
    const state = (await cluster.isReady())
      ? 'ready'
      : (await cluster.isRunning())
        ? 'not ready'
        : 'not running';
    process.stdout.write(`${cluster.kind}: ${state}\nkubeconfig: ${cluster.kubeconfig}\n`);
    if (state !== 'ready') process.exitCode = 1;
  });

program
  .command('down')
  .description('remove the cluster and all that belongs to it, but not what was built for it')
  .action(async () => {
    const cluster = await chooseCluster();
    await cluster.down();
  });

await runCommand(program);

async function runningCluster() {
  const cluster = await chooseCluster();
  if (await cluster.isRunning()) return cluster;
  throw new NoClusterError(['It does not run; start it with `npm run cluster -- up`.']);
}
