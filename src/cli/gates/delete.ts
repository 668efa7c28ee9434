import { GROUP, KIND } from '../../api/names.ts';
import type { ObjectRef } from '../../kube/objects.ts';
import { TCP_GATES } from '../../operator/resources.ts';
import type { Connection } from './connect.ts';
import { say, sayError } from './run.ts';

/** Deletes gates; their connections are closed. */
export async function deleteGates({ kube }: Connection, refs: readonly ObjectRef[]): Promise<void> {
  for (const ref of refs) {
    await kube.delete(TCP_GATES, ref).then(() => {
      say(`${KIND.toLowerCase()}.${GROUP} "${ref.name}" deleted from ${ref.namespace} namespace`);
    }, sayError);
  }
}
