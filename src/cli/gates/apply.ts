import { isNotFound } from '../../kube/errors.ts';
import type { KubeObject } from '../../kube/objects.ts';
import { writeData } from '../../observe/say.ts';
import { TCP_GATES } from '../../operator/resources.ts';
import type { Connection } from './connect.ts';
import { dryRunOf } from './dryRun.ts';
import { forEach } from './failures.ts';
import { type FileOptions, gatesIn } from './files.ts';
import { MANAGER, migration } from './migration.ts';
import { listOf, type OutputOptions, objectForm, shown } from './output.ts';
import { printChanged } from './printChanged.ts';
import { fromFile } from './reworded.ts';
import { UsageError } from './usageError.ts';

export interface ApplyOptions extends FileOptions, OutputOptions {
  readonly dryRun?: string;
  readonly namespace?: string;
}

/** Server-side apply of each gate in files; what others said before gives way. */
export async function applyGates(connection: Connection, options: ApplyOptions): Promise<void> {
  const { isDry, suffix } = dryRunOf(options.dryRun);
  const form = objectForm(options);
  const print = printChanged(options);
  const { namespace } = options;
  const gates = await gatesIn(options, namespace ?? connection.namespace, namespace);
  if (gates.length === 0) throw new UsageError('no objects passed to apply');
  const applied: KubeObject[] = [];
  await forEach(gates, async ({ gate, file }) => {
    const before = await found(connection, gate);
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

async function found({ kube }: Connection, { metadata }: KubeObject) {
  try {
    return await kube.get(TCP_GATES, metadata);
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

async function apply({ kube }: Connection, gate: KubeObject, isDry: boolean): Promise<KubeObject> {
  const options = { fieldManager: MANAGER, force: true, dryRun: isDry };
  const after = await kube.apply<KubeObject>(TCP_GATES, gate, options);
  const steps = migration(after);
  if (steps === undefined || isDry) return after;
  await kube.jsonPatch(TCP_GATES, gate.metadata, steps);
  // What the file does not name any more goes now.
  return kube.apply<KubeObject>(TCP_GATES, gate, options);
}

function what(before: KubeObject | undefined, after: KubeObject): string {
  if (before === undefined) return 'created';
  const isSame = before.metadata.resourceVersion === after.metadata.resourceVersion;
  return isSame ? 'unchanged' : 'configured';
}
