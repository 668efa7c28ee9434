import { resolve } from 'node:path';
import { Command } from 'commander';
import { localKubeconfig } from '../../client/server.ts';
import { demo } from '../../local/demo/demo.ts';
import { integerOption } from '../optionValues.ts';
import { untilSignal } from '../signals.ts';

interface Options {
  kubeconfig: string;
  seconds?: number;
}

export const demoCommand = new Command('demo')
  .description('Run a demo server, a gate and a client in one process, ready to be patched.')
  .option('--seconds <number>', 'stop after this many seconds', integerOption(1, 86_400))
  .option('--kubeconfig <file>', 'kubeconfig to write, and to remove on exit', localKubeconfig())
  .action(async ({ kubeconfig, seconds }: Options, command: Command) => {
    await untilSignal({ onlyFirst: false }, (stop) => {
      const limits = seconds === undefined ? [] : [AbortSignal.timeout(seconds * 1_000)];
      return demo({ kubeconfig: resolve(kubeconfig) }, AbortSignal.any([stop, ...limits]));
    }).then(
      (code) => process.exit(code),
      (error: Error) => command.error(`error: ${error.message}`),
    );
  });
