import { isDeepStrictEqual } from 'node:util';
import { tcpGateCrd } from '../../api/crd.ts';
import { isObject, type Json } from '../../json/json.ts';
import { TCP_GATES } from '../../operator/resources.ts';
import { schemaOf } from '../../schema/definition.ts';
import { pruneUnknown } from '../../schema/prune.ts';
import type { Connection } from './connect.ts';
import { dryRunOf } from './dryRun.ts';
import type { OutputOptions } from './output.ts';
import { type PatchSource, patchOf } from './patchText.ts';
import { printChanged } from './printChanged.ts';
import { forEachGate, type SelectionOptions, selectionOf } from './selection.ts';
import { UsageError } from './usageError.ts';

export interface PatchOptions extends SelectionOptions, OutputOptions, PatchSource {
  readonly dryRun?: string;
}

/** Merges into gates what the patch says. Rejects with a `UsageError` when it says nothing of a gate. */
export async function patchGates(
  connection: Connection,
  args: readonly string[],
  options: PatchOptions,
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
  if (unknown.length > 0) throw new UsageError(`there is no field ${unknown.join(', ')} in a gate`);
  return patch;
}
