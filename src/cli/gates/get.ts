import { isNotFound } from '../../kube/errors.ts';
import type { KubeObject } from '../../kube/objects.ts';
import { Reflector } from '../../kube/reflector.ts';
import { say, sayError, writeData } from '../../observe/say.ts';
import { TCP_GATES } from '../../operator/resources.ts';
import type { Connection } from './connect.ts';
import { named } from './names.ts';
import { listOf, type OutputOptions, objectForm, shown } from './output.ts';
import {
  forEachGate,
  refsOf,
  type Selection,
  type SelectionOptions,
  selectionOf,
} from './selection.ts';
import { GateTable } from './table.ts';

export interface GetOptions extends SelectionOptions, OutputOptions {
  readonly headers: boolean;
  readonly ignoreNotFound?: boolean;
  readonly watch?: boolean;
  readonly watchOnly?: boolean;
}

/** Prints gates: those that are meant, and with `watch` what becomes of them. */
export async function getGates(
  connection: Connection,
  args: readonly string[],
  options: GetOptions,
): Promise<void> {
  const printer = printerOf(options);
  const selection = await selectionOf(connection, args, options, 'all');
  if (options.watch || options.watchOnly)
    return follow(connection, selection, options, printer.one);
  const { ignoreNotFound = false } = options;
  const gates: KubeObject[] = [];
  try {
    await forEachGate(connection, selection, { ignoreNotFound }, (gate) => {
      gates.push(gate);
    });
  } catch (error) {
    if (gates.length > 0 || printer.isForObjects) printer.several(gates, selection);
    throw error;
  }
  if (gates.length > 0 || (printer.isForObjects && !ignoreNotFound)) {
    printer.several(gates, selection);
  } else if (!ignoreNotFound && options.output !== 'name') {
    const { allNamespaces, namespace = connection.namespace } = options;
    const where = allNamespaces ? '' : ` in ${namespace} namespace.`;
    sayError(`No resources found${where}`);
  }
}

interface Printer {
  readonly isForObjects: boolean;
  readonly one: (gate: KubeObject) => void;
  readonly several: (gates: readonly KubeObject[], selection: Selection) => void;
}

function printerOf(options: GetOptions): Printer {
  const form = objectForm(options, ['wide']);
  if (form !== undefined) {
    const one = (gate: KubeObject) => writeData(form(shown(gate, options)));
    return {
      isForObjects: true,
      one,
      several: (gates, selection) => {
        const [first] = gates;
        if (isOne(selection) && first !== undefined && gates.length === 1) return one(first);
        if (!isOne(selection) || gates.length > 0) writeData(form(listOf(gates, options)));
      },
    };
  }
  const table = new GateTable({
    isWide: options.output === 'wide',
    hasNamespaces: options.allNamespaces ?? false,
    hasHead: options.headers,
  });
  const several = (gates: readonly KubeObject[]) => {
    if (options.output === 'name') for (const { metadata } of gates) say(named(metadata.name));
    else for (const line of table.lines(gates, Date.now())) say(line);
  };
  return { isForObjects: false, one: (gate) => several([gate]), several };
}

/** Whether one gate is asked for, and not a list that may have one. */
function isOne(selection: Selection): boolean {
  if (selection.by === 'name') return selection.refs.length === 1;
  return selection.by === 'file' && selection.gates.length === 1;
}

/** Prints what there is and then what changes, until the process ends. */
async function follow(
  connection: Connection,
  selection: Selection,
  { ignoreNotFound = false, watchOnly = false }: GetOptions,
  print: (gate: KubeObject) => void,
): Promise<void> {
  const { kube } = connection;
  const refs = selection.by === 'list' ? undefined : await refsOf(connection, selection);
  for (const { ref } of refs ?? []) {
    const isThere = await kube.get(TCP_GATES, ref).then(
      () => true,
      (error: unknown) => {
        if (ignoreNotFound && isNotFound(error)) return false;
        throw error;
      },
    );
    if (!isThere) return;
  }
  const isMeant = ({ metadata }: KubeObject) =>
    refs?.some(({ ref }) => ref.name === metadata.name && ref.namespace === metadata.namespace) ??
    true;
  const { namespace, labelSelector } =
    selection.by === 'list' ? selection : { namespace: refs?.[0]?.ref.namespace };
  let isSynced = false;
  const failed = Promise.withResolvers<never>();
  const reflector = new Reflector({
    kube,
    resource: TCP_GATES,
    namespace,
    labelSelector,
    onChange: (_key, current, previous) => {
      const gate = current ?? previous;
      if (isSynced && gate !== undefined && isMeant(gate)) print(gate);
    },
    // A server that is gone has nothing more to show, and another one has other gates.
    onError: (error) => failed.reject(error),
  });
  reflector.start();
  try {
    await Promise.race([reflector.synced, failed.promise]);
    isSynced = true;
    if (!watchOnly) reflector.list().filter(isMeant).forEach(print);
    await failed.promise;
  } finally {
    await reflector.stop();
  }
}
