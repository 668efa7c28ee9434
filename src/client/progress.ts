import type { Condition } from '../api/status.ts';
import type { GateObject } from './resource.ts';

/** Progress of a gate towards a requested change. */
export type Progress =
  | { readonly is: 'reached' }
  /** `waiting` may still come to it; `failed` will not, unless somebody changes something. */
  | { readonly is: 'waiting' | 'failed'; readonly reason: string; readonly message: string };

const REACHED: Progress = { is: 'reached' };

/** Whether that generation, or a later one, is in force on every open connection. */
export function programmed(gate: GateObject, generation: number): Progress {
  const problem = obstacleTo(gate, generation);
  if (problem?.is === 'waiting') return problem;
  const condition = current(gate, 'Programmed', generation);
  if (condition?.status !== 'True') return problem ?? waiting(condition);
  const ready = current(gate, 'Ready', generation);
  // It is in force, but on a port that is not available: no client can reach it.
  return ready?.reason === 'ListenFailed' ? waiting(ready) : REACHED;
}

/** Whether the gate serves what that generation, or a later one, says. */
export function ready(gate: GateObject, generation: number): Progress {
  const problem = obstacleTo(gate, generation);
  if (problem !== undefined) return problem;
  const condition = current(gate, 'Ready', generation);
  return condition?.status === 'True' ? REACHED : waiting(condition);
}

/** Whether a disconnect was run. */
export function disconnected(gate: GateObject, generation: number, nonce: string): Progress {
  const progress = programmed(gate, generation);
  if (progress.is !== 'reached' || gate.status?.disconnect?.nonce === nonce) return progress;
  if (wasOvertaken(gate, nonce)) {
    return {
      is: 'failed',
      reason: 'Overtaken',
      message: 'Somebody else requested another disconnect, so this one may have been skipped',
    };
  }
  return waiting(undefined);
}

/** The spec no longer has it. */
function wasOvertaken({ spec }: GateObject, nonce: string): boolean {
  return spec.disconnect?.nonce !== nonce;
}

function obstacleTo(gate: GateObject, generation: number): Progress | undefined {
  if ((gate.status?.observedGeneration ?? 0) < generation) {
    return {
      is: 'waiting',
      reason: 'NotObserved',
      message: `The operator has not processed generation ${generation} yet: check that it is running`,
    };
  }
  const stalled = current(gate, 'Stalled', generation);
  if (stalled?.status !== 'True') return undefined;
  const { reason, message } = stalled;
  return { is: 'failed', reason, message };
}

function waiting(condition: Condition | undefined): Progress {
  return {
    is: 'waiting',
    reason: condition?.reason ?? 'Unknown',
    message: condition?.message ?? 'The operator gives no reason',
  };
}

function current(
  { status }: GateObject,
  type: Condition['type'],
  generation: number,
): Condition | undefined {
  return status?.conditions?.find(
    (condition) => condition.type === type && condition.observedGeneration >= generation,
  );
}
