import { API_VERSION, PLURAL } from '../../api/names.ts';
import type { Kube } from '../../kube/client.ts';
import { isNotFound, KubeApiError } from '../../kube/errors.ts';
import type { KubeObject, ObjectRef } from '../../kube/objects.ts';
import { TCP_GATES } from '../../operator/resources.ts';
import type { Connection } from './connect.ts';
import { forEach } from './failures.ts';
import { type FileOptions, type GateInFile, gatesIn } from './files.ts';
import { namesIn } from './names.ts';
import { reworded } from './reworded.ts';
import { UsageError } from './usageError.ts';

/** Options that say which gates are meant. */
export interface SelectionOptions extends FileOptions {
  readonly namespace?: string;
  readonly allNamespaces?: boolean;
  readonly selector?: string;
  readonly all?: boolean;
}

/** Which gates are meant: those of these names, in these files, or all of a namespace that have these labels. */
export type Selection =
  | { readonly by: 'name'; readonly refs: readonly ObjectRef[] }
  | { readonly by: 'file'; readonly gates: readonly GateInFile[] }
  | ListSelection;

interface ListSelection {
  readonly by: 'list';
  /** All of them without it. */
  readonly namespace: string | undefined;
  readonly labelSelector: string | undefined;
}

/** What no name means: all gates, or a mistake. `lenient`: names and labels are stronger than --all. */
export type Unnamed = 'all' | 'some' | 'lenient';

/**
 * What the words and options of a command mean. Rejects with a `UsageError` in kubectl's words when they exclude each
 * other.
 */
export async function selectionOf(
  { namespace: own }: Connection,
  args: readonly string[],
  options: SelectionOptions,
  unnamed: Unnamed,
): Promise<Selection> {
  const { namespace = own, allNamespaces = false, selector, all = false } = options;
  const isLenient = unnamed === 'lenient';
  if (all && selector !== undefined && !isLenient) {
    // The space at the end is kubectl's.
    throw new UsageError("setting 'all' parameter but found a non empty selector. ");
  }
  const isList = all || selector !== undefined;
  if (options.filename !== undefined) {
    checkFileOptions(args, isList);
    return { by: 'file', gates: await gatesIn(options, namespace, options.namespace) };
  }
  if (args.length === 0) throw new UsageError('name the gates: tg NAME..., tg/NAME... or -f FILE');
  const { names, areCombined } = namesIn(args);
  if (names.length > 0) {
    checkNameOptions(areCombined, isLenient ? selector !== undefined : isList, allNamespaces);
    return { by: 'name', refs: names.map((name) => ({ name, namespace })) };
  }
  if (unnamed !== 'all' && !isList) {
    throw new UsageError('resource(s) were provided, but no name was specified');
  }
  return {
    by: 'list',
    namespace: allNamespaces ? undefined : namespace,
    labelSelector: selector,
  };
}

function checkFileOptions(args: readonly string[], isList: boolean): void {
  if (args.length > 0) {
    throw new UsageError(
      'when paths, URLs, or stdin is provided as input, you may not specify resource arguments as well',
    );
  }
  if (isList) {
    throw new UsageError('--all and --selector choose among gates of the server, not of files');
  }
}

function checkNameOptions(areCombined: boolean, isList: boolean, allNamespaces: boolean): void {
  if (isList) {
    throw new UsageError(
      areCombined
        ? 'selectors and the all flag cannot be used when passing resource/name arguments'
        : 'name cannot be provided when a selector is specified',
    );
  }
  if (allNamespaces) {
    throw new UsageError('a resource cannot be retrieved by name across all namespaces');
  }
}

/** Names of the selected gates, whether they exist or not; for a list, those that exist now. */
export async function refsOf({ kube }: Connection, selection: Selection): Promise<Ref[]> {
  if (selection.by === 'name') return selection.refs.map((ref) => ({ ref, file: undefined }));
  if (selection.by === 'file') {
    return selection.gates.map(({ gate, file }) => ({ ref: gate.metadata, file }));
  }
  return (await listed(kube, selection)).map(({ metadata }) => ({
    ref: metadata,
    file: undefined,
  }));
}

export interface Ref {
  readonly ref: ObjectRef;
  /** The file that names it. */
  readonly file: string | undefined;
}

/** Does something for each gate that is meant and there. Rejects with what failed, the missing ones among it. */
export async function forEachGate(
  connection: Connection,
  selection: Selection,
  { ignoreNotFound }: { readonly ignoreNotFound: boolean },
  work: (gate: KubeObject) => Promise<void> | void,
): Promise<void> {
  const { kube } = connection;
  if (selection.by === 'list') {
    await forEach(await listed(kube, selection), work);
    return;
  }
  await forEach(await refsOf(connection, selection), async ({ ref }) => {
    const gate = await kube.get(TCP_GATES, ref).catch((error: unknown) => {
      if (ignoreNotFound && isNotFound(error)) return undefined;
      throw error;
    });
    if (gate !== undefined) await work(gate);
  });
}

async function listed(kube: Kube, selection: ListSelection): Promise<readonly KubeObject[]> {
  try {
    return (await kube.list(TCP_GATES, selection)).items;
  } catch (error) {
    const { labelSelector } = selection;
    if (!(error instanceof KubeApiError) || error.status !== 400 || labelSelector === undefined) {
      throw error;
    }
    const what = `Unable to find "${API_VERSION}, Resource=${PLURAL}" that match label selector "${labelSelector}", field selector ""`;
    throw reworded(error, `${what}: ${error.message}`);
  }
}
