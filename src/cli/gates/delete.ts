import { GROUP, KIND } from '../../api/names.ts';
import { isNotFound } from '../../kube/errors.ts';
import { say } from '../../observe/say.ts';
import { TCP_GATES } from '../../operator/resources.ts';
import type { Connection } from './connect.ts';
import { dryRunOf } from './dryRun.ts';
import { forEach } from './failures.ts';
import { named } from './names.ts';
import { fromFile } from './reworded.ts';
import { refsOf, type SelectionOptions, selectionOf } from './selection.ts';
import { UsageError } from './usageError.ts';
import { type Deleted, untilAllDeleted } from './wait.ts';

export interface DeleteOptions extends SelectionOptions {
  readonly dryRun?: string;
  readonly ignoreNotFound?: boolean;
  readonly output?: string;
  readonly wait: boolean;
  /** Milliseconds to wait; 0: a week. */
  readonly timeout: number;
}

/** Deletes gates, whose connections are closed, and waits until they are gone. */
export async function deleteGates(
  connection: Connection,
  args: readonly string[],
  options: DeleteOptions,
): Promise<void> {
  const { output, all, selector } = options;
  if (output !== undefined && output !== 'name') {
    throw new UsageError(`unexpected -o output mode: ${output}. We only support '-o name'`);
  }
  const { isDry, suffix } = dryRunOf(options.dryRun);
  const selection = await selectionOf(connection, args, options, 'some');
  const ignoreNotFound = options.ignoreNotFound ?? (all || selector !== undefined);
  const deleted: Deleted[] = [];
  const { kube } = connection;
  const refs = await refsOf(connection, selection);
  if (refs.length === 0) say('No resources found');
  await forEach(refs, async ({ ref, file }) => {
    const { name, namespace } = ref;
    try {
      const uid = await kube.delete(TCP_GATES, ref, { dryRun: isDry });
      deleted.push({ metadata: { ...ref, uid } });
    } catch (error) {
      if (ignoreNotFound && isNotFound(error)) return;
      throw fromFile('deleting', file, error);
    }
    const kind = `${KIND.toLowerCase()}.${GROUP}`;
    if (output === 'name') say(named(name));
    else say(`${kind} "${name}" deleted from ${namespace} namespace${suffix}`);
  });
  if (options.wait && !isDry) await untilAllDeleted(connection, deleted, options.timeout);
}
