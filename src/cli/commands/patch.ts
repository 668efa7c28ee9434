import { isDeepStrictEqual } from 'node:util';
import { Option } from 'commander';
import { tcpGateCrd } from '../../api/crd.ts';
import { isObject, type Json } from '../../json/json.ts';
import { TCP_GATES } from '../../operator/resources.ts';
import { schemaOf } from '../../schema/definition.ts';
import { pruneUnknown } from '../../schema/prune.ts';
import type { Connection } from '../gates/connect.ts';
import { dryRunOf } from '../gates/dryRun.ts';
import type { OutputOptions } from '../gates/output.ts';
import { type PatchSource, patchOf } from '../gates/patchText.ts';
import { printChanged } from '../gates/printChanged.ts';
import { run } from '../gates/run.ts';
import { forEachGate, type SelectionOptions, selectionOf } from '../gates/selection.ts';
import { UsageError } from '../gates/usageError.ts';
import { DRY_RUN, gateCommand, MANAGED, OUTPUT, withFiles } from './options.ts';

interface Options extends SelectionOptions, OutputOptions, PatchSource {
  readonly dryRun?: string;
}

export const patchCommand = withFiles(
  gateCommand('patch', 'Changes gates while they run, as kubectl does: patch tg NAME -p PATCH'),
)
  .argument('[tg...]', 'tg NAME... or tg/NAME...')
  .option(
    '-p, --patch <patch>',
    'patch to merge into the gate, as JSON or YAML; null lifts a fault',
  )
  .option('--patch-file <file>', 'file that contains the patch')
  .addOption(new Option('--type <type>', 'as for kubectl').choices(['merge']).default('merge'))
  .option(...DRY_RUN)
  .option(...OUTPUT)
  .option(...MANAGED)
  .action((args: string[], options: Options) =>
    run((connection) => patchGates(connection, args, options)),
  );

/** Merges into gates what the patch says. Rejects with a `UsageError` when it says nothing of a gate. */
async function patchGates(
  connection: Connection,
  args: readonly string[],
  options: Options,
): Promise<void> {
  const patch = checked(patchOf(options));
  const { isDry } = dryRunOf(options.dryRun);
  const print = printChanged(options);
  const selection = await selectionOf(connection, args, options, 'some');
  await forEachGate(connection, selection, { ignoreNotFound: false }, async (before) => {
    const after = await connection.kube.mergePatch(TCP_GATES, before.metadata, patch, {
      dryRun: isDry,
    });
    // As kubectl does, without a word on a dry run.
    print(after, isDeepStrictEqual(before, after) ? 'patched (no change)' : 'patched');
  });
}

function checked(patch: Json): object {
  if (!isObject(patch)) {
    throw new UsageError('the patch must be an object, such as {"spec":{"toClient":{"drop":{}}}}');
  }
  const { unknown } = pruneUnknown(schemaOf(tcpGateCrd()), patch);
  // The API would leave them out with a warning, and the gate would do nothing new.
  if (unknown.length > 0) throw new UsageError(`a gate has no field ${unknown.join(', ')}`);
  return patch;
}
