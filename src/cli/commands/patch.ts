import { Option } from 'commander';
import { type PatchOptions, patchGates } from '../gates/patch.ts';
import { run } from '../gates/run.ts';
import { DRY_RUN, gateCommand, MANAGED, OUTPUT, withFiles } from './options.ts';

export const patchCommand = withFiles(
  gateCommand('patch', 'Changes gates while they run, as kubectl does: patch tg NAME -p PATCH'),
)
  .argument('[tg...]', 'tg NAME... or tg/NAME...')
  .option('-p, --patch <patch>', 'what to merge into the gate, as JSON or YAML; null lifts a fault')
  .option('--patch-file <file>', 'a file with the patch')
  .addOption(new Option('--type <type>', 'as for kubectl').choices(['merge']).default('merge'))
  .option(...DRY_RUN)
  .option(...OUTPUT)
  .option(...MANAGED)
  .action((args: string[], options: PatchOptions) =>
    run((connection) => patchGates(connection, args, options)),
  );
