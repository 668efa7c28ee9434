import type { Condition, ConditionType } from './status.ts';
import { MAX_MESSAGE } from './status.ts';

/** A condition as it is decided, before it has a history. */
export interface Observation {
  readonly type: ConditionType;
  readonly status: Condition['status'];
  readonly reason: string;
  readonly message: string;
}

/**
 * Conditions for the status. `lastTransitionTime` moves only when a status flips
 * (Kubernetes API conventions, "Typical status properties").
 */
export function conditionsFrom(
  observations: readonly Observation[],
  previous: readonly Condition[],
  observedGeneration: number,
  now: Date,
): Condition[] {
  return observations.map((observation) => {
    const before = previous.find(({ type }) => type === observation.type);
    return {
      ...observation,
      message: observation.message.slice(0, MAX_MESSAGE),
      observedGeneration,
      lastTransitionTime:
        before?.status === observation.status
          ? before.lastTransitionTime
          : now.toISOString().replace(/\.\d+Z$/, 'Z'),
    };
  });
}
