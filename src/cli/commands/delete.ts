import { Command } from 'commander';
import type { ObjectRef } from '../../kube/objects.ts';
import { TCP_GATES } from '../../operator/resources.ts';
import type { Connection } from '../gates/connect.ts';
import { deleteGates } from '../gates/delete.ts';
import { gatesIn } from '../gates/files.ts';
import { namesIn } from '../gates/names.ts';
import { run } from '../gates/run.ts';
import { UsageError } from '../gates/usageError.ts';

interface Options {
  readonly filename?: string[];
  readonly recursive?: boolean;
  readonly namespace?: string;
  readonly all?: boolean;
}

export const deleteCommand = new Command('delete')
  .description('Deletes gates, as kubectl does: delete tg NAME..., delete -f FILE')
  .argument('[tg...]', 'tg NAME... or tg/NAME...; tg --all')
  .option('-f, --filename <path...>', 'those of files, folders, or - for standard input')
  .option('--all', 'all gates of the namespace')
  .option('-R, --recursive', 'also what is in the folders of the folders')
  .option('-n, --namespace <namespace>', 'instead of that of the kubeconfig')
  .action((args: string[], options: Options) =>
    run(async (connection) => deleteGates(connection, await meant(connection, args, options))),
  );

async function meant(
  { kube, namespace: own }: Connection,
  args: readonly string[],
  { filename, recursive, all, namespace = own }: Options,
): Promise<readonly ObjectRef[]> {
  if (filename !== undefined) {
    return (await gatesIn({ filename, recursive }, namespace)).map(({ metadata }) => metadata);
  }
  const names = namesIn(args);
  if (names.length > 0 === (all ?? false)) throw new UsageError('name the gates, or say --all');
  if (names.length > 0) return names.map((name) => ({ name, namespace }));
  return (await kube.list(TCP_GATES, { namespace })).items.map(({ metadata }) => metadata);
}
