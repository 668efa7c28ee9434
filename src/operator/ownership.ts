import { KIND } from '../api/names.ts';
import type { TcpGate } from '../api/tcpgate.ts';
import type { KubeObject } from '../kube/objects.ts';

/** Whose an object is, seen from a gate that wants its name. */
export type Ownership = 'own' | 'predecessor' | 'foreign';

/**
 * `predecessor`: it belongs to a deleted gate of the same name, and the garbage collector will take it.
 * `foreign`: it is someone else's and must not be touched.
 */
export function ownershipOf(object: KubeObject, gate: TcpGate): Ownership {
  const owner = object.metadata.ownerReferences?.find(({ controller }) => controller === true);
  if (owner?.uid === gate.metadata.uid) return 'own';
  return owner?.kind === KIND && owner.name === gate.metadata.name ? 'predecessor' : 'foreign';
}
