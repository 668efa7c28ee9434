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
  .description('Run gates in this process, without a cluster, with an API for kubectl.')
  .option(
    '-f, --filename <path...>',
    'files, folders, or - for standard input; saved changes apply immediately',
    [],
  )
  .option('-R, --recursive', 'also read subfolders')
  .option('--listen <address>', 'address that the gates listen on', '127.0.0.1')
  .option('--kubeconfig <file>', 'kubeconfig to write, and to remove on exit', localKubeconfig())
  .option('--state <file>', 'file that keeps the gates across restarts')
  .addOption(
    new Option('--output <form>', 'table, or one JSON document per line for each change')
      .choices(['table', 'json'])
      .default('table'),
  )
  .option(
    '--exit-with <command...>',
    'command to run once the gates are ready; takes the rest of the line',
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
  if (path === '') throw new Error('--kubeconfig needs a file, but its name is empty');
  return resolve(path);
}
