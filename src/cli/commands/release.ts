import { Command } from 'commander';
import { GROUP, KIND } from '../../api/names.ts';
import type { Kube, ListOptions } from '../../kube/client.ts';
import { isNotFound } from '../../kube/errors.ts';
import type { KubeObject } from '../../kube/objects.ts';
import type { Resource } from '../../kube/resource.ts';
import { say } from '../../observe/say.ts';
import { GATE_LABEL } from '../../operator/desired/common.ts';
import { CHILDREN, TCP_GATES } from '../../operator/resources.ts';
import type { Connection } from '../gates/connect.ts';
import { forEach } from '../gates/failures.ts';
import { run } from '../gates/run.ts';
import { UsageError } from '../gates/usageError.ts';
import { letGo, type Restored, takeBack } from '../release/release.ts';
import { type Target, targetsOf } from '../release/targets.ts';

interface Options {
  readonly all?: boolean;
  readonly namespace?: string;
}

export const releaseCommand = new Command('release')
  .description(
    'Restore Services that gates are in front of, even while no operator runs, and delete the gates.',
  )
  .argument('[service]', 'Service that a gate is in front of')
  .option('--all', 'all such Services, of the given namespace or else of the cluster')
  .option('-n, --namespace <namespace>', "the Service's namespace")
  .action((service: string | undefined, options: Options) =>
    run((connection) => release(connection, service, options)),
  );

async function release(
  { kube, namespace: current }: Connection,
  service: string | undefined,
  { all = false, namespace }: Options,
): Promise<void> {
  if (all === (service !== undefined)) {
    throw new UsageError('name a Service, or use --all for all of them: chaosgate release SERVICE');
  }
  const where = all ? namespace : (namespace ?? current);
  const targets = await find(kube, where, service);
  if (targets.length === 0) {
    const what = service === undefined ? 'any Service' : `service/${service}`;
    const place = where === undefined ? '' : ` in namespace ${where}`;
    if (!all) throw new UsageError(`no gate is in front of ${what}${place}`);
    say(`No gate is in front of ${what}${place}`);
  }
  // All Services are restored before the first gate is released, so that their connections drain at the same time.
  const deadlines = new Map<Target, number>();
  const takingBack = targets.map((target) => async () => {
    say(restoredText(target, await takeBack(kube, target)));
    deadlines.set(target, performance.now() + target.drainSeconds * 1_000);
  });
  const lettingGo = targets.map((target) => async () => {
    const deadline = deadlines.get(target);
    if (deadline === undefined) return;
    await letGo(kube, target, deadline);
    const { gate, namespace } = target;
    say(`${KIND.toLowerCase()}.${GROUP} "${gate.name}" deleted from ${namespace} namespace`);
  });
  await forEach([...takingBack, ...lettingGo], (step) => step());
}

async function find(
  kube: Kube,
  namespace: string | undefined,
  service: string | undefined,
): Promise<Target[]> {
  // A Service that is on its way back has lost the label already, but its gate has the finalizer still.
  const selection =
    service === undefined
      ? { labelSelector: GATE_LABEL }
      : { fieldSelector: `metadata.name=${service}` };
  const services = await list(kube, CHILDREN.Service, { namespace, ...selection });
  const gates = await list(kube, TCP_GATES, { namespace });
  return targetsOf(services, gates, service);
}

/** None where the server does not know the kind. */
async function list(
  kube: Kube,
  resource: Resource<KubeObject>,
  selection: ListOptions,
): Promise<readonly KubeObject[]> {
  try {
    return (await kube.list(resource, selection)).items;
  } catch (error) {
    if (isNotFound(error)) return [];
    throw error;
  }
}

function restoredText({ service, namespace, gate }: Target, restored: Restored): string {
  const name = `service/${service} in namespace ${namespace}`;
  if (restored.kind === 'nothing') return `${name} no longer leads to gate ${gate.name}`;
  const selector = Object.entries(restored.selector).map(([key, value]) => `${key}=${value}`);
  return restored.kind === 'restored'
    ? `${name} restored: selects ${selector.join(',')}`
    : `${name} has had another selector since, which stays: ${selector.join(',')}`;
}
