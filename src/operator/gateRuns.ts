import type { TcpGate } from '../api/tcpgate.ts';
import type { LinkState } from '../control/link.ts';
import type { Clock } from '../time/clock.ts';
import { type DurationLimits, hasFaults, nextRun, type Run, type StoredRun } from './run.ts';

/** The run that a gate is in, and its end. */
export interface CurrentRun extends Run {
  /** Monotonic milliseconds; undefined: nothing ends it, or it has not begun. */
  readonly endsAt: number | undefined;
  /** The same for what outlives this process: RFC 3339. */
  readonly endTime: string | undefined;
  /** A proxy has ended it: it does not come back, whatever a clock says. */
  readonly hasEnded: boolean;
}

/** When the run ends, as Kubernetes writes times: in whole seconds. */
export function endTimeText({ endTime }: CurrentRun): string | undefined {
  return endTime?.replace(/\.\d+Z$/, 'Z');
}

export interface GateRunsOptions {
  readonly clock: Pick<Clock, 'wall' | 'monotonic'>;
  readonly limits: DurationLimits;
  /** A gate had faults before there was an operator that ends them: a run of them has started. */
  readonly onUpgraded?: (gate: TcpGate, run: CurrentRun) => void;
  /** A run has started that is shorter than its gate asks for. */
  readonly onShortened?: (gate: TcpGate, run: CurrentRun) => void;
}

/** What is known of a gate when its run is asked for. */
export interface Known {
  /** undefined: nothing is stored. */
  readonly stored: StoredRun | undefined;
  /** By the gate's proxies. */
  readonly links: readonly LinkState[];
}

interface Held {
  readonly uid: string;
  readonly run: CurrentRun;
}

/** Milliseconds by which an end may differ from the one that a proxy keeps before that is told. */
const TOLERANCE = 2_000;

/** The runs of all gates. What outlives this process is in each gate's stored snapshot. */
export class GateRuns {
  readonly #options: GateRunsOptions;
  readonly #held = new Map<string, Held>();

  constructor(options: GateRunsOptions) {
    this.#options = options;
  }

  /** The run as `next` left it; undefined before. */
  current(key: string): CurrentRun | undefined {
    return this.#held.get(key)?.run;
  }

  /** The run that the gate is in now, which begins here if it is a new one. */
  next(key: string, gate: TcpGate, { stored, links }: Known): CurrentRun {
    const { uid } = gate.metadata;
    const held = this.#held.get(key);
    const before = held?.uid === uid ? held.run : this.#fromStored(stored);
    const asked = nextRun(before, gate.spec, this.#options.limits, highest(links));
    const isNew = asked !== before;
    const begun = isNew ? this.#begun(asked, links) : before;
    const number = numberInForce(before?.number, gate, links) ?? begun.number;
    const run = this.#adopted({ ...begun, number }, links);
    this.#held.set(key, { uid, run });
    if (isNew) this.#notify(gate, run, before === undefined && stored !== undefined);
    return run;
  }

  forget(key: string): void {
    this.#held.delete(key);
  }

  #fromStored(stored: StoredRun | undefined): CurrentRun | undefined {
    const { run, endTime, hasEnded = false } = stored ?? {};
    if (run === undefined) return undefined;
    const left = endTime === undefined ? undefined : endTime - this.#options.clock.wall();
    const known = this.#ending(run, left);
    return hasEnded ? this.#ended(known) : known;
  }

  /** Faults have no effect while no proxy reports: the time starts with the first report. */
  #begun(run: Run, links: readonly LinkState[]): CurrentRun {
    const isHeard = links.some(({ report }) => report !== undefined);
    const { durationSeconds = 0 } = run;
    return this.#ending(run, isHeard ? durationSeconds * 1_000 : undefined);
  }

  /** The end that the proxies keep is the true one. */
  #adopted(run: CurrentRun, links: readonly LinkState[]): CurrentRun {
    if (run.hasEnded) return run;
    const same = links.filter(({ report }) => report?.run?.number === run.number);
    if (same.some(({ report }) => report?.run?.state === 'Ended')) return this.#ended(run);
    const ends = same.flatMap(({ endsAt }) => endsAt ?? []);
    if (ends.length === 0) return run;
    const endsAt = Math.max(...ends);
    const isNear = Math.abs((run.endsAt ?? Number.POSITIVE_INFINITY) - endsAt) < TOLERANCE;
    return isNear ? run : this.#ending(run, endsAt - this.#options.clock.monotonic());
  }

  /** A proxy does not report how long ago that was. */
  #ended(run: CurrentRun): CurrentRun {
    const left = (run.endsAt ?? Number.POSITIVE_INFINITY) - this.#options.clock.monotonic();
    return { ...(left <= 0 ? run : this.#ending(run, 0)), hasEnded: true };
  }

  /** @param milliseconds that remain; undefined: nobody knows yet */
  #ending(run: Run, milliseconds: number | undefined): CurrentRun {
    const { clock } = this.#options;
    const { durationSeconds } = run;
    if (durationSeconds === undefined || milliseconds === undefined) {
      return { ...run, endsAt: undefined, endTime: undefined, hasEnded: false };
    }
    const left = Math.min(milliseconds, durationSeconds * 1_000);
    const endTime = new Date(clock.wall() + left).toISOString();
    return { ...run, endsAt: clock.monotonic() + left, endTime, hasEnded: false };
  }

  #notify(gate: TcpGate, run: CurrentRun, isUpgraded: boolean): void {
    const { onUpgraded, onShortened } = this.#options;
    if (isUpgraded && hasFaults(gate.spec) && run.durationSeconds !== undefined) {
      onUpgraded?.(gate, run);
    }
    const { durationSeconds } = gate.spec;
    if (
      durationSeconds !== undefined &&
      (run.durationSeconds ?? durationSeconds) < durationSeconds
    ) {
      onShortened?.(gate, run);
    }
  }
}

/** The record was lost, and proxies that run this spec have not lost theirs. */
function numberInForce(
  known: number | undefined,
  { metadata }: TcpGate,
  links: readonly LinkState[],
): number | undefined {
  const numbers = links.flatMap(({ report }) =>
    report?.generation === metadata.generation ? (report.run?.number ?? []) : [],
  );
  const number = Math.max(0, ...numbers);
  return number > (known ?? 0) ? number : undefined;
}

function highest(links: readonly LinkState[]): number {
  return Math.max(0, ...links.map(({ report }) => report?.run?.number ?? 0));
}
