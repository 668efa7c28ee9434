import { find } from '../../kube/find.ts';
import type { KubeObject } from '../../kube/objects.ts';
import { writeData } from '../../observe/say.ts';
import { TCP_GATES } from '../../operator/resources.ts';
import type { Connection } from '../gates/connect.ts';
import { dryRunOf } from '../gates/dryRun.ts';
import { forEach } from '../gates/failures.ts';
import { type FileOptions, gatesIn } from '../gates/files.ts';
import { MANAGER, migration } from '../gates/migration.ts';
import { listOf, type OutputOptions, objectForm, shown } from '../gates/output.ts';
import { printChanged } from '../gates/printChanged.ts';
import { fromFile } from '../gates/reworded.ts';
import { run } from '../gates/run.ts';
import { UsageError } from '../gates/usageError.ts';
import { DRY_RUN, gateCommand, MANAGED, OUTPUT } from './options.ts';

interface Options extends FileOptions, OutputOptions {
  readonly dryRun?: string;
  readonly namespace?: string;
}

export const applyCommand = gateCommand(
  'apply',
  'Makes gates as files say, as kubectl does: apply -f FILE',
)
  .requiredOption('-f, --filename <path...>', 'files, folders, or - for standard input')
  .option('-R, --recursive', 'also read subfolders')
  .option(...DRY_RUN)
  .option(...OUTPUT)
  .option(...MANAGED)
  .action((options: Options) => run((connection) => applyGates(connection, options)));

/** Server-side apply of each gate in files; what others said before gives way. */
async function applyGates(connection: Connection, options: Options): Promise<void> {
  const { isDry, suffix } = dryRunOf(options.dryRun);
  const form = objectForm(options);
  const print = printChanged(options);
  const { namespace } = options;
  const gates = await gatesIn(options, namespace ?? connection.namespace, namespace);
  if (gates.length === 0) throw new UsageError('no objects passed to apply');
  const applied: KubeObject[] = [];
  await forEach(gates, async ({ gate, file }) => {
    const before = await find(connection.kube, TCP_GATES, gate.metadata);
    const after = await apply(connection, gate, isDry).catch((error: unknown) => {
      throw fromFile(before === undefined ? 'creating' : 'applying', file, error);
    });
    applied.push(after);
    if (form === undefined) print(after, `${what(before, after)}${suffix}`);
  });
  const [first] = applied;
  if (form === undefined || first === undefined) return;
  writeData(form(applied.length > 1 ? listOf(applied, options) : shown(first, options)));
}

async function apply({ kube }: Connection, gate: KubeObject, isDry: boolean): Promise<KubeObject> {
  const options = { fieldManager: MANAGER, force: true, dryRun: isDry };
  const after = await kube.apply<KubeObject>(TCP_GATES, gate, options);
  const steps = migration(after);
  if (steps === undefined || isDry) return after;
  await kube.jsonPatch(TCP_GATES, gate.metadata, steps);
  // Fields that are no longer in the file are removed now.
  return kube.apply<KubeObject>(TCP_GATES, gate, options);
}

function what(before: KubeObject | undefined, after: KubeObject): string {
  if (before === undefined) return 'created';
  const isSame = before.metadata.resourceVersion === after.metadata.resourceVersion;
  return isSame ? 'unchanged' : 'configured';
}
