import { durationOption } from '../duration.ts';
import { type DeleteOptions, deleteGates } from '../gates/delete.ts';
import { run } from '../gates/run.ts';
import { DRY_RUN, gateCommand, withChoice, withFiles } from './options.ts';

export const deleteCommand = withChoice(
  withFiles(
    gateCommand('delete', 'Deletes gates, as kubectl does: delete tg NAME..., delete -f FILE'),
  ),
)
  .argument('[tg...]', 'tg NAME... or tg/NAME...; tg --all')
  .option('--all', 'all gates of the namespace')
  .option('--ignore-not-found', 'a gate that is not there is no mistake')
  .option('-o, --output <form>', 'name')
  .option('--no-wait', 'does not wait for finalizers')
  .option('--timeout <time>', 'the longest to wait for finalizers; 0 is a week', durationOption, 0)
  .option(...DRY_RUN)
  .action((args: string[], options: DeleteOptions) =>
    run((connection) => deleteGates(connection, args, options)),
  );
