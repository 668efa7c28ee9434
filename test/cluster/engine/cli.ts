/** `npm run engine -- COMMAND`: a Docker engine for kind and Skaffold where the machine has none. */
import { Command } from 'commander';
import { runCommand } from '../command.ts';
import { NoClusterError } from '../errors.ts';
import { runInPlace } from '../exec.ts';
import { engine } from './engine.ts';

const program = new Command('engine')
  .description(
    `A Docker engine in namespaces of its own, with images that stand in for those of registries: for kind and Skaffold
where neither Docker nor a registry is there (Debian, root).`,
  )
  .enablePositionalOptions();

program
  .command('up')
  .description('start the engine, unless it answers; the first time builds what it needs')
  .action(() => engine().start());

program
  .command('exec')
  .description(
    'run a command in its network, with docker, kind, kubectl, helm and skaffold on PATH',
  )
  .argument('<command...>')
  .passThroughOptions()
  .action(async (command: string[]) => {
    const { env, isAnswering, wrap } = engine();
    if (!(await isAnswering())) {
      throw new NoClusterError(['No engine runs; start it with `npm run engine -- up`.']);
    }
    process.exitCode = await runInPlace(wrap(command), env);
  });

program
  .command('down')
  .description('end the engine, its containers and the clusters in them, and leave nothing of them')
  .action(() => engine().down());

await runCommand(program);
