import { isNotFound } from '../../kube/errors.ts';
import type { KubeObject } from '../../kube/objects.ts';
import { TCP_GATES } from '../../operator/resources.ts';
import type { Connection } from './connect.ts';
import { named } from './names.ts';
import { say, sayError } from './run.ts';

const MANAGER = 'chaosgate-apply';

/** Server-side apply of each gate; what others said before gives way. */
export async function applyGates(
  { kube }: Connection,
  gates: readonly KubeObject[],
): Promise<void> {
  for (const gate of gates) {
    const { name } = gate.metadata;
    try {
      const before = await kube.get(TCP_GATES, gate.metadata).catch((error: unknown) => {
        if (isNotFound(error)) return undefined;
        throw error;
      });
      const after = await kube.apply<KubeObject>(TCP_GATES, gate, {
        fieldManager: MANAGER,
        force: true,
      });
      say(`${named(name)} ${what(before, after)}`);
    } catch (error) {
      sayError(error);
    }
  }
}

function what(before: KubeObject | undefined, after: KubeObject): string {
  if (before === undefined) return 'created';
  const isSame = before.metadata.resourceVersion === after.metadata.resourceVersion;
  return isSame ? 'unchanged' : 'configured';
}
