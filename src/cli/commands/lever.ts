import { Command } from 'commander';
import { counted } from '../../api/text.ts';
import { isNotFound } from '../../kube/errors.ts';
import { namespaceOf } from '../../kube/objects.ts';
import { say } from '../../observe/say.ts';
import { ENGAGED, LEVER, LEVERS } from '../../operator/lever.ts';
import type { Connection } from '../gates/connect.ts';
import { passing } from '../gates/passing.ts';
import { run } from '../gates/run.ts';
import { UsageError } from '../gates/usageError.ts';
import { durationOption } from '../optionValues.ts';

interface Options {
  readonly namespace?: string;
  readonly operatorNamespace: string;
  /** Milliseconds. */
  readonly timeout: number;
}

/** Field manager of the lever. */
const FIELD_MANAGER = 'chaosgate-lever';

const engage = leverOf(
  'engage',
  'Suspend faults: gates pass everything until the lever is released',
)
  .option('--reason <text>', 'reason, shown to users', '')
  .option(
    '--timeout <time>',
    'maximum time to wait for the proxies to confirm',
    durationOption,
    10_000,
  )
  .action((options: Options & { readonly reason: string }) =>
    run((connection) => engageLever(connection, options)),
  );

const release = leverOf('release', 'Resume faults for their remaining time').action(
  (options: Options) => run((connection) => releaseLever(connection, options)),
);

export const leverCommand = new Command('lever')
  .description('Suspend the faults of all gates, or of all gates in a namespace, and resume them.')
  .addCommand(engage)
  .addCommand(release);

function leverOf(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .option('-n, --namespace <namespace>', 'only gates in this namespace')
    .option(
      '--operator-namespace <namespace>',
      "where the lever for all gates is: the operator's",
      'chaosgate-system',
    );
}

/** Rejects with a `UsageError` that names the gates whose proxies did not answer. */
async function engageLever(
  { kube }: Connection,
  { namespace, operatorNamespace, reason, timeout }: Options & { readonly reason: string },
): Promise<void> {
  await kube.apply(
    LEVERS,
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: LEVER, namespace: namespace ?? operatorNamespace },
      data: { [ENGAGED.key]: ENGAGED.value, ...(reason === '' ? {} : { reason }) },
    } as Parameters<typeof kube.apply>[1],
    { fieldManager: FIELD_MANAGER, force: true },
  );
  const { passing: pass, others } = await passing(kube, namespace, timeout);
  const namespaces = new Set(pass.map(namespaceOf));
  say(
    `${LEVER} engaged: ${counted(pass.length, 'gate')} in ${counted(namespaces.size, 'namespace')} ${pass.length === 1 ? 'passes' : 'pass'} everything`,
  );
  if (others.length === 0) return;
  throw new UsageError(
    `no proxy of ${counted(others.length, 'gate')} has confirmed within ${timeout / 1_000} s that everything passes: ${others.join(', ')}`,
  );
}

async function releaseLever(
  { kube }: Connection,
  { namespace, operatorNamespace }: Options,
): Promise<void> {
  const where = namespace ?? operatorNamespace;
  try {
    await kube.delete(LEVERS, { name: LEVER, namespace: where });
  } catch (error) {
    if (!isNotFound(error)) throw error;
    throw new UsageError(`the lever of namespace ${where} is not engaged`);
  }
  say(`${LEVER} released`);
}
