import { Command } from 'commander';
import { durationOption } from '../duration.ts';
import { namesIn } from '../gates/names.ts';
import { run } from '../gates/run.ts';
import { type WaitOptions, waitForGates } from '../gates/wait.ts';

export const waitCommand = new Command('wait')
  .description(
    'Waits for what is true of gates, as kubectl does: wait tg/NAME --for=condition=Programmed',
  )
  .argument('<tg...>', 'tg NAME... or tg/NAME...; tg --all')
  .requiredOption(
    '--for <what>',
    'condition=NAME[=STATUS], jsonpath={PATH}[=VALUE], create or delete',
  )
  .option('--timeout <time>', 'the longest to wait, such as 90s', durationOption, 30_000)
  .option('--all', 'all gates of the namespace')
  .option('-n, --namespace <namespace>', 'instead of that of the kubeconfig')
  .action((args: string[], options: WaitOptions) =>
    run((connection) => waitForGates(connection, namesIn(args), options)),
  );
