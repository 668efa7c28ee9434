import type { KubeObject, ObjectRef } from '../../kube/objects.ts';
import { Reflector } from '../../kube/reflector.ts';
import { TCP_GATES } from '../../operator/resources.ts';
import type { Connection } from './connect.ts';
import { named } from './names.ts';
import { textOf } from './print.ts';
import { say, sayError } from './run.ts';
import { GateTable } from './table.ts';
import { UsageError } from './usageError.ts';

export interface GetOptions {
  readonly namespace?: string;
  readonly allNamespaces?: boolean;
  readonly selector?: string;
  readonly output?: 'wide' | 'yaml' | 'json' | 'name';
  readonly watch?: boolean;
}

/** Prints gates: those of these names, or all. */
export async function getGates(
  connection: Connection,
  names: readonly string[],
  options: GetOptions,
): Promise<void> {
  const { output, watch = false } = options;
  const namespace = options.allNamespaces ? undefined : (options.namespace ?? connection.namespace);
  if (names.length > 0 && (namespace === undefined || options.selector !== undefined)) {
    throw new UsageError('a gate is named, or chosen by namespace and labels, and not both');
  }
  const table = new GateTable({
    isWide: output === 'wide',
    hasNamespaces: namespace === undefined,
  });
  const print = (gates: readonly KubeObject[]) => {
    if (output === 'yaml' || output === 'json') say(textOf(gates, output, names.length === 1));
    else if (output === 'name') for (const { metadata } of gates) say(named(metadata.name));
    else for (const line of table.lines(gates, Date.now())) say(line);
  };
  if (watch) return follow(connection, names, namespace, options.selector, print);
  const gates = await read(connection, names, namespace, options.selector);
  const isList = names.length === 0;
  if (gates.length > 0 || (isList && (output === 'yaml' || output === 'json'))) print(gates);
  else if (isList) {
    const where = namespace === undefined ? '' : ` in ${namespace} namespace`;
    process.stderr.write(`No resources found${where}${where === '' ? '' : '.'}\n`);
  }
}

async function read(
  { kube }: Connection,
  names: readonly string[],
  namespace: string | undefined,
  labelSelector: string | undefined,
): Promise<readonly KubeObject[]> {
  if (names.length === 0) {
    return (await kube.list(TCP_GATES, { namespace, labelSelector })).items;
  }
  const gates: KubeObject[] = [];
  for (const name of names) {
    const ref: ObjectRef = { name, namespace };
    await kube.get(TCP_GATES, ref).then((gate) => gates.push(gate), sayError);
  }
  return gates;
}

/** Prints what there is and then what changes, until the process ends. */
async function follow(
  { kube }: Connection,
  names: readonly string[],
  namespace: string | undefined,
  labelSelector: string | undefined,
  print: (gates: readonly KubeObject[]) => void,
): Promise<void> {
  let isSynced = false;
  const isMeant = ({ metadata }: KubeObject) => names.length === 0 || names.includes(metadata.name);
  const failed = Promise.withResolvers<never>();
  const reflector = new Reflector({
    kube,
    resource: TCP_GATES,
    namespace,
    labelSelector,
    onChange: (_key, current, previous) => {
      const gate = current ?? previous;
      if (isSynced && gate !== undefined && isMeant(gate)) print([gate]);
    },
    // A server that is gone has nothing more to show, and another one has other gates.
    onError: (error) => failed.reject(error),
  });
  reflector.start();
  try {
    await Promise.race([reflector.synced, failed.promise]);
    isSynced = true;
    const gates = reflector.list().filter(isMeant);
    if (gates.length > 0) print(gates);
    await failed.promise;
  } finally {
    await reflector.stop();
  }
}
