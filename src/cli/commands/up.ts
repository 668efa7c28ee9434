import { resolve } from 'node:path';
import { Command, Option } from 'commander';
import { localKubeconfig } from '../../client/server.ts';
import type { LocalOptions } from '../../local/start.ts';
import { fileArguments } from '../../local/up/fileArguments.ts';
import { up } from '../../local/up/up.ts';
import { untilSignal } from '../signals.ts';

/** What is not named here is for `startLocal`. */
interface Options extends Omit<LocalOptions, 'onError'> {
  filename: string[];
  recursive?: boolean;
  kubeconfig: string;
  output: 'table' | 'json';
  exitWith?: string[];
}

export const upCommand = new Command('up')
  .description('Runs gates in this process, without a cluster, with an API for kubectl.')
  .option(
    '-f, --filename <path...>',
    'files, folders, or - for standard input; saved changes apply at once',
    [],
  )
  .option('-R, --recursive', 'also what is in the folders of the folders')
  .option('--listen <address>', 'address that the gates listen on', '127.0.0.1')
  .option('--kubeconfig <file>', 'kubeconfig to write, and to remove at the end', localKubeconfig())
  .option('--state <file>', 'file that keeps the gates over restarts')
  .addOption(
    new Option('--output <form>', 'a table, or a JSON document per line for each change')
      .choices(['table', 'json'])
      .default('table'),
  )
  .option(
    '--exit-with <command...>',
    'command to run when the gates are ready; the rest of the line',
  )
  .action(async (options: Options, command: Command) => {
    const { filename, recursive = false, kubeconfig, output, exitWith, ...local } = options;
    await untilSignal({ onlyFirst: exitWith !== undefined }, async (stop) =>
      up(
        {
          local,
          files: fileArguments(filename),
          isRecursive: recursive,
          kubeconfig: kubeconfigIn(kubeconfig),
          output,
          exitWith,
        },
        stop,
      ),
    ).then(
      (code) => process.exit(code),
      (error: Error) => command.error(`error: ${error.message}`),
    );
  });

function kubeconfigIn(path: string): string {
  if (path === '') throw new Error('--kubeconfig takes a file, and its name is empty');
  return resolve(path);
}
