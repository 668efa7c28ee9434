import { Command, Option } from 'commander';
import { parseYaml } from '../../yaml/read.ts';
import { namesIn } from '../gates/names.ts';
import { patchGate } from '../gates/patch.ts';
import { run } from '../gates/run.ts';
import { UsageError } from '../gates/usageError.ts';

interface Options {
  readonly patch: string;
  readonly namespace?: string;
}

export const patchCommand = new Command('patch')
  .description('Changes a gate while it runs, as kubectl does: patch tg NAME -p PATCH')
  .argument('<tg...>', 'tg NAME or tg/NAME')
  .requiredOption(
    '-p, --patch <patch>',
    'what to merge into the gate, as JSON or YAML; null lifts a fault',
  )
  .option('-n, --namespace <namespace>', 'instead of that of the kubeconfig')
  .addOption(new Option('--type <type>', 'as for kubectl').choices(['merge']).default('merge'))
  .action((args: string[], { patch, ...options }: Options) =>
    run((connection) => {
      const [name, ...more] = namesIn(args);
      if (name === undefined || more.length > 0)
        throw new UsageError('one gate is patched at a time');
      return patchGate(connection, name, parsed(patch), options);
    }),
  );

function parsed(text: string): unknown {
  try {
    return parseYaml(text).value;
  } catch (error) {
    throw new UsageError(`the patch can not be read: ${(error as Error).message}`);
  }
}
