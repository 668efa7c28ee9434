import { GROUP, KIND } from '../../api/names.ts';
import { isNotFound } from '../../kube/errors.ts';
import { say } from '../../observe/say.ts';
import { TCP_GATES } from '../../operator/resources.ts';
import type { Connection } from '../gates/connect.ts';
import { dryRunOf } from '../gates/dryRun.ts';
import { forEach } from '../gates/failures.ts';
import { named } from '../gates/names.ts';
import { fromFile } from '../gates/reworded.ts';
import { run } from '../gates/run.ts';
import { refsOf, type SelectionOptions, selectionOf } from '../gates/selection.ts';
import { type Deleted, untilAllDeleted } from '../gates/until.ts';
import { UsageError } from '../gates/usageError.ts';
import { durationOption } from '../optionValues.ts';
import { DRY_RUN, gateCommand, withChoice, withFiles } from './options.ts';

interface Options extends SelectionOptions {
  readonly dryRun?: string;
  readonly ignoreNotFound?: boolean;
  readonly output?: string;
  readonly wait: boolean;
  /** Milliseconds to wait; 0: a week. */
  readonly timeout: number;
}

export const deleteCommand = withChoice(
  withFiles(
    gateCommand('delete', 'Deletes gates, as kubectl does: delete tg NAME..., delete -f FILE'),
  ),
)
  .argument('[tg...]', 'tg NAME... or tg/NAME...; tg --all')
  .option('--all', 'all gates of the namespace')
  .option('--ignore-not-found', 'exit with 0 if a gate does not exist')
  .option('-o, --output <form>', 'name')
  .option('--no-wait', 'do not wait for finalizers')
  .option('--timeout <time>', 'maximum time to wait for finalizers; 0 is a week', durationOption, 0)
  .option(...DRY_RUN)
  .action((args: string[], options: Options) =>
    run((connection) => deleteGates(connection, args, options)),
  );

/** Deletes gates, whose connections are closed, and waits until they are gone. */
async function deleteGates(
  connection: Connection,
  args: readonly string[],
  options: Options,
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
