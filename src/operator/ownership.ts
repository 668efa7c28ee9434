import { KIND } from '../api/names.ts';
import type { TcpGate } from '../api/tcpgate.ts';
import { type KubeObject, keyOf, type OwnerReference } from '../kube/objects.ts';
import { HASH_ANNOTATION } from './annotations.ts';
import { GATE_LABEL } from './desired/common.ts';
import { CHILDREN } from './resources.ts';

/** Whose an object is, seen from a gate that wants its name. */
export type Ownership = 'own' | 'predecessor' | 'foreign';

/**
 * `predecessor`: it belongs to a deleted gate of the same name, and the garbage collector will take it.
 * `foreign`: it is someone else's and must not be touched.
 */
export function ownershipOf(object: KubeObject, gate: TcpGate): Ownership {
  const owner = controllerOf(object);
  if (owner?.uid === gate.metadata.uid) return 'own';
  return owner?.kind === KIND && owner.name === gate.metadata.name ? 'predecessor' : 'foreign';
}

/**
 * Key of the gate that was deleted without the object that it owned (`kubectl delete --cascade=orphan`); undefined when the
 * operator did not make the object, or somebody owns it.
 */
export function orphaningGate(object: KubeObject): string | undefined {
  const { namespace, labels, annotations } = object.metadata;
  const name = labels?.[GATE_LABEL];
  const isOurs = name !== undefined && annotations?.[HASH_ANNOTATION] !== undefined;
  return isOurs && controllerOf(object) === undefined ? keyOf({ name, namespace }) : undefined;
}

/** What removes all that a deleted gate has left. */
export function orphansRemoval(gateKey: string): string {
  const [namespace, name] = gateKey.split('/');
  const kinds = Object.keys(CHILDREN).join(',').toLowerCase();
  return `kubectl -n ${namespace} delete ${kinds} -l ${GATE_LABEL}=${name}`;
}

/** Whose garbage the object is. */
export function controllerOf({ metadata }: KubeObject): OwnerReference | undefined {
  return metadata.ownerReferences?.find(({ controller }) => controller === true);
}
