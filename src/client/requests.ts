import { API_VERSION, KIND } from '../api/names.ts';
import { isAlreadyExists, isConflict, isNotFound, KubeApiError } from '../kube/errors.ts';
import type { Call } from './call.ts';
import { type Change, takeOverChange } from './changes.ts';
import { failureOf, noNamespace, replaced } from './failures.ts';
import { DONE, WAIT } from './gateWatch.ts';
import { type GateObject, type GateSpec, TCP_GATES } from './resource.ts';
import type { Session } from './session.ts';

/** One gate. The next one of the same name has another uid. */
export interface GateIdentity {
  readonly name: string;
  readonly uid: string;
}

export interface Found {
  readonly object: GateObject;
  /** It was not there before. */
  readonly isMade: boolean;
}

/** On the gates that this library makes, so that those of a run that was killed can be found. */
const LABELS = { 'app.kubernetes.io/managed-by': 'chaosgate-client' };

/** `namespace/name` */
export function keyIn({ namespace }: Session, name: string): string {
  return `${namespace}/${name}`;
}

export function identityOf({ metadata: { name, uid = '' } }: GateObject): GateIdentity {
  return { name, uid };
}

export function getGate(session: Session, name: string, call: Call): Promise<GateObject> {
  const ref = { namespace: session.namespace, name };
  return asked(session, name, call, () => session.kube.get(TCP_GATES, ref, call.request));
}

/** Creates the gate, or makes the one that exists what it is asked to be. */
export function makeGate(
  session: Session,
  name: string,
  spec: GateSpec,
  call: Call,
): Promise<Found> {
  const { kube, namespace } = session;
  return asked(session, name, call, async () => {
    try {
      const gate = manifest(namespace, name, spec);
      return { object: await kube.create(TCP_GATES, gate, call.request), isMade: true };
    } catch (error) {
      if (isNotFound(error)) throw noNamespace(keyIn(session, name), namespace, error);
      if (!isAlreadyExists(error)) throw error;
    }
    const before = await kube.get(TCP_GATES, { namespace, name }, call.request);
    const change = takeOverChange(before, spec);
    return { object: await patchGate(session, identityOf(before), change, call), isMade: false };
  });
}

/** Patches this gate, and no other one that has its name. */
export function patchGate(
  session: Session,
  { name, uid }: GateIdentity,
  change: Change,
  call: Call,
): Promise<GateObject> {
  const { kube, namespace } = session;
  const ref = { namespace, name };
  return asked(session, name, call, async () => {
    try {
      if ('merge' in change) {
        const merge = { metadata: { uid }, ...change.merge };
        return await kube.mergePatch(TCP_GATES, ref, merge, call.request);
      }
      const isIt = { op: 'test', path: '/metadata/uid', value: uid } as const;
      return await kube.jsonPatch(TCP_GATES, ref, [isIt, ...change.operations], call.request);
    } catch (error) {
      // The server does not say which step of a patch failed.
      if (!(error instanceof KubeApiError && [409, 422].includes(error.status))) throw error;
      const { metadata } = await kube.get(TCP_GATES, ref, call.request);
      throw metadata.uid === uid ? error : replaced(keyIn(session, name));
    }
  });
}

/** Resolves when the name is free. */
export async function deleteGate(
  session: Session,
  { name, uid }: GateIdentity,
  call: Call,
): Promise<void> {
  const ref = { namespace: session.namespace, name };
  await asked(session, name, call, async () => {
    try {
      await session.kube.delete(TCP_GATES, ref, { ...call.request, uid });
    } catch (error) {
      throw isConflict(error) ? replaced(keyIn(session, name)) : error;
    }
  });
  await session.watch.until(name, call, ({ latest }) =>
    latest?.gate.metadata.uid === uid ? WAIT : DONE,
  );
}

async function asked<T>(
  session: Session,
  name: string,
  call: Call,
  request: () => Promise<T>,
): Promise<T> {
  call.signal?.throwIfAborted();
  try {
    return await request();
  } catch (error) {
    throw failureOf(error, keyIn(session, name), call.signal);
  }
}

function manifest(namespace: string, name: string, spec: GateSpec): GateObject {
  return {
    apiVersion: API_VERSION,
    kind: KIND,
    metadata: { namespace, name, labels: LABELS },
    // The server fills the defaults in.
    spec: spec as GateObject['spec'],
  };
}
