import { isNotFound } from '../../kube/errors.ts';
import type { KubeObject } from '../../kube/objects.ts';
import { Reflector } from '../../kube/reflector.ts';
import { TCP_GATES } from '../../operator/resources.ts';
import type { Connection } from './connect.ts';
import { refsOf, type Selection } from './selection.ts';

export interface FollowOptions {
  readonly ignoreNotFound?: boolean;
  /** Only what changes. */
  readonly watchOnly?: boolean;
}

/** Prints the current state and then every change, until the process ends. */
export async function follow(
  connection: Connection,
  selection: Selection,
  { ignoreNotFound = false, watchOnly = false }: FollowOptions,
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
