import { randomUUID } from 'node:crypto';
import { MAX_DURATION_SECONDS } from '../api/spec.ts';
import type { CallOptions } from './call.ts';
import { text } from './text.ts';

export interface PeriodOptions extends CallOptions {
  /**
   * Milliseconds, in whole seconds, after which all faults of the gate end by themselves; a call with it starts their time
   * again. Default: nothing ends them but another call.
   */
  readonly for?: number | undefined;
}

/** Fields of a spec that say how long its faults last. */
export interface Period {
  readonly durationSeconds?: number | null;
  readonly faultsNonce?: string;
}

/**
 * Throws a TypeError for a time that no gate can keep.
 *
 * @param hadPeriod an earlier call has set one, which this one does not have
 */
export function periodOf(milliseconds: number | undefined, hadPeriod: boolean): Period {
  if (milliseconds === undefined) return hadPeriod ? { durationSeconds: null } : {};
  const durationSeconds = milliseconds / 1_000;
  const isKept =
    Number.isInteger(durationSeconds) &&
    durationSeconds >= 1 &&
    durationSeconds <= MAX_DURATION_SECONDS;
  if (!isKept) {
    throw new TypeError(
      `for takes milliseconds in whole seconds, from 1000 to ${MAX_DURATION_SECONDS * 1_000}, not ${text(milliseconds)}`,
    );
  }
  return { durationSeconds, faultsNonce: randomUUID() };
}
