import type { Json } from '../../local/api/json.ts';
import { tcpGates } from '../../local/api/kinds/tcpGates.ts';
import { pruneUnknown } from '../../local/api/schema/prune.ts';
import { TCP_GATES } from '../../operator/resources.ts';
import type { Connection } from './connect.ts';
import { named } from './names.ts';
import { say } from './run.ts';
import { UsageError } from './usageError.ts';

/** Merges into a gate what the patch says. Rejects with a `UsageError` when it says nothing of a gate. */
export async function patchGate(
  { kube, namespace }: Connection,
  name: string,
  patch: unknown,
  options: { readonly namespace?: string },
): Promise<void> {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) {
    throw new UsageError('the patch must be an object, such as {"spec":{"toClient":{"drop":{}}}}');
  }
  const ref = { name, namespace: options.namespace ?? namespace };
  const { unknown } = pruneUnknown(tcpGates.schema, patch as Json);
  // The API would leave them out with a warning, and the gate would do nothing new.
  if (unknown.length > 0) throw new UsageError(`there is no field ${unknown.join(', ')} in a gate`);
  const before = await kube.get(TCP_GATES, ref);
  const after = await kube.mergePatch(TCP_GATES, ref, patch);
  const isSame = before.metadata.resourceVersion === after.metadata.resourceVersion;
  say(`${named(name)} patched${isSame ? ' (no change)' : ''}`);
}
