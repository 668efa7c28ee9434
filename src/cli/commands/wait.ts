import { durationOption } from '../duration.ts';
import { run } from '../gates/run.ts';
import { type WaitOptions, waitForGates } from '../gates/wait.ts';
import { gateCommand, MANAGED, OUTPUT, withChoice, withFiles } from './options.ts';

export const waitCommand = withChoice(
  withFiles(
    gateCommand(
      'wait',
      'Waits for what is true of gates, as kubectl does: wait tg/NAME --for=condition=Programmed',
    ),
  ),
)
  .argument('[tg...]', 'tg NAME... or tg/NAME...; tg --all')
  .option('--for <what>', 'condition=NAME[=STATUS], jsonpath={PATH}[=VALUE], create or delete', '')
  .option(
    '--timeout <time>',
    'the longest to wait, such as 90s; 0 looks once, less waits for a week',
    durationOption,
    30_000,
  )
  .option('--all', 'all gates of the namespace')
  .option(...OUTPUT)
  .option(...MANAGED)
  .action((args: string[], options: WaitOptions) =>
    run((connection) => waitForGates(connection, args, options)),
  );
