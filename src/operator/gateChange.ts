import type { KubeObject } from '../kube/objects.ts';
import { NUDGE_ANNOTATION } from './annotations.ts';

/** Whether a change of a gate is one to act on: a write of its status alone comes back as a change too, and is none. */
export function concernsOperator(
  current: KubeObject | undefined,
  previous: KubeObject | undefined,
): boolean {
  const [is, was] = [current?.metadata, previous?.metadata];
  return (
    is?.uid !== was?.uid ||
    is?.generation !== was?.generation ||
    is?.deletionTimestamp !== was?.deletionTimestamp ||
    is?.annotations?.[NUDGE_ANNOTATION] !== was?.annotations?.[NUDGE_ANNOTATION]
  );
}
