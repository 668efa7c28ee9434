import { type ApplyOptions, applyGates } from '../gates/apply.ts';
import { run } from '../gates/run.ts';
import { DRY_RUN, gateCommand, MANAGED, OUTPUT } from './options.ts';

export const applyCommand = gateCommand(
  'apply',
  'Makes gates as files say, as kubectl does: apply -f FILE',
)
  .requiredOption('-f, --filename <path...>', 'files, folders, or - for standard input')
  .option('-R, --recursive', 'also what is in the folders of the folders')
  .option(...DRY_RUN)
  .option(...OUTPUT)
  .option(...MANAGED)
  .action((options: ApplyOptions) => run((connection) => applyGates(connection, options)));
