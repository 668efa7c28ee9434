import { Command, Option } from 'commander';
import { type GetOptions, getGates } from '../gates/get.ts';
import { namesIn } from '../gates/names.ts';
import { run } from '../gates/run.ts';

export const getCommand = new Command('get')
  .description('Shows gates, as kubectl does: get tg [NAME...]')
  .argument('[tg...]', 'tg, tg NAME... or tg/NAME...')
  .option('-n, --namespace <namespace>', 'instead of that of the kubeconfig')
  .option('-A, --all-namespaces', 'gates of all namespaces')
  .option('-l, --selector <labels>', 'only gates with these labels')
  .addOption(new Option('-o, --output <form>').choices(['wide', 'yaml', 'json', 'name']))
  .option('-w, --watch', 'goes on with what changes')
  .action((args: string[], options: GetOptions) =>
    run((connection) => getGates(connection, namesIn(args.length === 0 ? ['tg'] : args), options)),
  );
