import { NO_FAULTS } from '../api/text.ts';
import { Sequence } from '../async/sequence.ts';
import { fitting, type Report, type Snapshot } from '../control/messages.ts';
import type { ControlledGate } from '../control/server.ts';
import type { StoredSnapshot } from '../control/storedSnapshot.ts';
import { Gate, type GateOptions, type GateState } from '../gate/gate.ts';
import type { UpstreamState } from '../gate/upstream.ts';
import { type Clock, systemClock } from '../time/clock.ts';
import { type InForce, inForceOf } from './inForce.ts';
import { RunTimer } from './runTimer.ts';
import type { LoadedSnapshot } from './snapshots.ts';

export interface ManagedGateOptions {
  readonly key: Buffer;
  /** Differs from process to process. */
  readonly instance: string;
  readonly gate: GateOptions;
  /** A snapshot is in force on every open connection, after this many seconds. */
  onApplied(snapshot: StoredSnapshot, seconds: number): void;
  readonly clock?: Clock;
}

/**
 * A gate and the snapshot that it runs, the faults of which it lifts by itself when their time is up. Has no listener
 * before its first snapshot.
 */
export class ManagedGate implements ControlledGate {
  readonly #options: ManagedGateOptions;
  #gate: Gate | undefined;
  #snapshot: Snapshot | undefined;
  #inForce: InForce | undefined;
  readonly #timer: RunTimer;
  readonly #clock: Clock;
  readonly #steps = new Sequence();

  constructor(options: ManagedGateOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#timer = new RunTimer({
      clock: this.#clock,
      onEnd: () => void this.#steps.run(() => this.#end()),
    });
  }

  get key(): Buffer {
    return this.#options.key;
  }

  /** What is in force; undefined before the first snapshot. */
  get inForce(): InForce | undefined {
    return this.#inForce;
  }

  get generation(): number {
    return this.#snapshot?.generation ?? 0;
  }

  get state(): GateState | undefined {
    return this.#gate?.state;
  }

  /** Why the gate does not do what it is told; undefined when it does. */
  get notReady(): string | undefined {
    return this.#snapshot === undefined ? 'The gate has no snapshot yet' : this.state?.listenError;
  }

  /** Rejects a snapshot that is older than the one in force: an operator that lost its lease sent it. */
  apply(next: Snapshot, remainingMilliseconds?: number): Promise<void> {
    return this.#steps.run(() => {
      if (this.#isOlderRun(next)) return;
      return this.#apply(next, () => this.#timer.take(next.run, remainingMilliseconds, true));
    });
  }

  /** Runs the stored snapshot, without an operator. The remaining time of its run depends on a clock that may differ. */
  restore({ snapshot, isOwn }: LoadedSnapshot): Promise<void> {
    const { endTime, hasEnded, startedFor: _, ...next } = snapshot;
    const remaining = hasEnded ? 0 : leftUntil(endTime, this.#clock.wall());
    return this.#steps.run(() =>
      this.#apply(next, () => this.#timer.take(next.run, remaining, isOwn)),
    );
  }

  /** Moves the listener; see `Gate.listen`. Does nothing before the first snapshot. */
  listen(port: number): Promise<void> {
    return this.#steps.run(() => this.#gate?.listen(port));
  }

  report(): Report {
    const state = this.state;
    return {
      instance: this.#options.instance,
      generation: this.generation,
      faults: this.#inForce?.faults ?? NO_FAULTS,
      connections: {
        active: state?.connections.active ?? 0,
        accepted: state?.connections.accepted ?? 0,
      },
      upstream: state === undefined ? {} : reported(state.upstream),
      ...((state?.undecided.bytes ?? 0) === 0 ? {} : { undecided: state?.undecided }),
      ...this.#runReport(),
      ...(state?.disconnectNonce === undefined ? {} : { disconnectNonce: state.disconnectNonce }),
      ...(state?.disconnectClosed === undefined
        ? {}
        : { disconnectClosed: state.disconnectClosed }),
      ...(state?.listenError === undefined ? {} : { listenError: fitting(state.listenError) }),
      ...(state?.overLimit === undefined ? {} : { overLimit: state.overLimit }),
    };
  }

  remainingMilliseconds(): number | undefined {
    return this.#timer.remainingMilliseconds;
  }

  /** Seconds until the faults that are in force end; undefined when none are, or nothing ends them. */
  get secondsLeft(): number | undefined {
    const remaining = this.#timer.remainingMilliseconds;
    return this.isFaulty && remaining !== undefined ? remaining / 1_000 : undefined;
  }

  /** Whether faults are in force. */
  get isFaulty(): boolean {
    return this.#inForce?.state === 'InForce';
  }

  async close(): Promise<void> {
    await this.#steps.idle;
    // A snapshot that was on its way may have started it.
    this.#timer.stop();
    await this.#gate?.close();
  }

  #runReport(): Pick<Report, 'run'> {
    const number = this.#timer.certainRun;
    if (number === undefined || this.#inForce === undefined) return {};
    return { run: { number, state: this.#inForce.state } };
  }

  /** Somebody has lost the record of the gate's runs, and will adopt that of the report. */
  #isOlderRun({ generation, run }: Snapshot): boolean {
    const current = this.#timer.certainRun;
    return (
      generation === this.generation &&
      run !== undefined &&
      current !== undefined &&
      run.number < current
    );
  }

  async #apply(next: Snapshot, takeRun: () => void): Promise<void> {
    if (next.generation < this.generation) {
      throw new Error(`The gate runs generation ${this.generation}; ${next.generation} is older`);
    }
    const start = performance.now();
    takeRun();
    await this.#run(next);
    this.#options.onApplied(this.#stored(next), (performance.now() - start) / 1_000);
  }

  /** The time of the run is up. */
  async #end(): Promise<void> {
    if (this.#snapshot === undefined) return;
    await this.#run(this.#snapshot);
    this.#options.gate.observer?.changed?.();
  }

  async #run(next: Snapshot): Promise<void> {
    const { ports, disconnectedNonce } = next;
    const inForce = inForceOf(next, this.#timer.isEnded);
    if (this.#gate === undefined) {
      this.#gate = new Gate(inForce.config, this.#options.gate);
      await this.#gate.start({ ports });
    } else await this.#gate.apply(inForce.config, { ports, disconnectedNonce });
    this.#snapshot = next;
    this.#inForce = inForce;
  }

  /** For this process's next start. */
  #stored(snapshot: Snapshot): StoredSnapshot {
    const remaining = this.#timer.remainingMilliseconds;
    if (remaining === undefined) return snapshot;
    return { ...snapshot, endTime: new Date(this.#clock.wall() + remaining).toISOString() };
  }
}

/** A message of the system may be of any length. */
function reported({ message, ...state }: UpstreamState): Report['upstream'] {
  return message === undefined ? state : { ...state, message: fitting(message) };
}

/** Milliseconds; undefined: nobody has said when. */
function leftUntil(endTime: string | undefined, now: number): number | undefined {
  return endTime === undefined ? undefined : Math.max(0, Date.parse(endTime) - now);
}
