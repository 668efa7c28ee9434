import { type GetOptions, getGates } from '../gates/get.ts';
import { run } from '../gates/run.ts';
import { gateCommand, MANAGED, withChoice, withFiles } from './options.ts';

export const getCommand = withChoice(
  withFiles(gateCommand('get', 'Shows gates, as kubectl does: get tg [NAME...]')),
)
  .argument('[tg...]', 'tg, tg NAME... or tg/NAME...')
  .option('-o, --output <form>', 'wide, yaml, json, name, jsonpath=TEMPLATE')
  .option('--no-headers', 'the table without its first line')
  .option('--ignore-not-found', 'a gate that is not there is no mistake')
  .option('-w, --watch', 'goes on with what changes')
  .option('--watch-only', 'only what changes')
  .option(...MANAGED)
  .action((args: string[], options: GetOptions) =>
    run((connection) => {
      const meant = args.length === 0 && options.filename === undefined ? ['tg'] : args;
      return getGates(connection, meant, options);
    }),
  );
