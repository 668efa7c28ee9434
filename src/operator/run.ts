import { createHash } from 'node:crypto';
import type { RunFields, TcpGateSpec } from '../api/spec.ts';
import { faultsText, NO_FAULTS } from '../api/text.ts';
import { type StoredSnapshot, storedSnapshot } from '../control/storedSnapshot.ts';
import type { GateConfig } from '../gate/config.ts';

/** How long faults last where their gate does not say it, and at most, in seconds; 0: forever. */
export interface DurationLimits {
  readonly defaultDurationSeconds: number;
  readonly maxDurationSeconds: number;
}

export const NO_LIMITS: DurationLimits = { defaultDurationSeconds: 0, maxDurationSeconds: 0 };

/** One period of a gate's faults. */
export interface Run {
  /** Counts the runs of the gate. */
  readonly number: number;
  /** What it was started for: see `causeOf`. */
  readonly cause: string;
  /** undefined: nothing ends it. */
  readonly durationSeconds: number | undefined;
}

/** What is stored of the run of a gate. */
export interface StoredRun {
  /** undefined: what stored it did not end faults. */
  readonly run: Run | undefined;
  /** Milliseconds since the epoch; undefined: it has no end, or has not begun. */
  readonly endTime: number | undefined;
  /** A proxy has ended it. */
  readonly hasEnded: boolean;
}

type Faults = Pick<GateConfig, 'toServer' | 'toClient' | 'newConnections'>;

/** Stands for all that starts a run when it changes, and for nothing else. Takes what the current schema made of it. */
function causeOf(
  { toServer, toClient, newConnections }: Faults,
  { durationSeconds, suspend, faultsNonce }: RunFields,
): string {
  const all = [toServer, toClient, newConnections, durationSeconds, suspend, faultsNonce];
  return createHash('sha256').update(JSON.stringify(all)).digest('base64url').slice(0, 22);
}

/**
 * The run that the gate is in: `previous`, unless the spec asks for another one.
 *
 * @param highest the highest number that any proxy has reported
 */
export function nextRun(
  previous: Run | undefined,
  spec: TcpGateSpec,
  limits: DurationLimits,
  highest = 0,
): Run {
  const cause = causeOf(spec, spec);
  if (previous?.cause === cause) return previous;
  const number = Math.max(previous?.number ?? 0, highest) + 1;
  return { number, cause, durationSeconds: durationOf(spec, limits) };
}

/** Seconds that the faults of the spec last; undefined when there are none, or nothing ends them. */
export function durationOf(spec: TcpGateSpec, limits: DurationLimits): number | undefined {
  if (spec.suspend || !hasFaults(spec)) return undefined;
  const asked = spec.durationSeconds ?? limits.defaultDurationSeconds;
  const max = limits.maxDurationSeconds || Number.POSITIVE_INFINITY;
  const seconds = Math.min(asked === 0 ? Number.POSITIVE_INFINITY : asked, max);
  return Number.isFinite(seconds) ? seconds : undefined;
}

export function hasFaults(faults: Faults): boolean {
  return faultsText(faults) !== NO_FAULTS;
}

/** The run of a stored snapshot, read by the current schema; undefined when it cannot be read. */
export function storedRun(text: string): StoredRun | undefined {
  try {
    return runOf(storedSnapshot.parse(JSON.parse(text)));
  } catch {
    return undefined;
  }
}

function runOf({ config, run, startedFor, endTime, hasEnded }: StoredSnapshot): StoredRun {
  if (run === undefined || startedFor === undefined) {
    return { run: undefined, endTime: undefined, hasEnded: false };
  }
  return {
    run: {
      number: run.number,
      cause: causeOf(config, startedFor),
      durationSeconds: run.durationSeconds,
    },
    endTime: endTime === undefined ? undefined : Date.parse(endTime),
    hasEnded: hasEnded === true,
  };
}
