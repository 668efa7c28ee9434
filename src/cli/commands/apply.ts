import { Command } from 'commander';
import { applyGates } from '../gates/apply.ts';
import { gatesIn } from '../gates/files.ts';
import { run } from '../gates/run.ts';

interface Options {
  readonly filename: string[];
  readonly recursive?: boolean;
  readonly namespace?: string;
}

export const applyCommand = new Command('apply')
  .description('Makes gates as files say, as kubectl does: apply -f FILE')
  .requiredOption('-f, --filename <path...>', 'files, folders, or - for standard input')
  .option('-R, --recursive', 'also what is in the folders of the folders')
  .option('-n, --namespace <namespace>', 'for gates that name none')
  .action(({ filename, recursive, namespace }: Options) =>
    run(async (connection) => {
      await applyGates(
        connection,
        await gatesIn({ filename, recursive }, namespace ?? connection.namespace),
      );
    }),
  );
