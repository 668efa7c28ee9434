import type { Snapshot } from '../control/messages.ts';
import type { Clock } from '../time/clock.ts';

export interface RunTimerOptions {
  readonly clock: Clock;
  /** The time of the present run is up. */
  onEnd(): void;
}

/** Keeps the end of a gate's run, by a clock that never jumps. */
export class RunTimer {
  readonly #options: RunTimerOptions;
  #number: number | undefined;
  /** An operator has told what remained, or this proxy knew it from before. */
  #isCertain = false;
  /** Monotonic milliseconds; undefined: nothing ends the run. */
  #endsAt: number | undefined;
  #cancel = () => {};

  constructor(options: RunTimerOptions) {
    this.#options = options;
  }

  /** The run whose end is certain. */
  get certainRun(): number | undefined {
    return this.#isCertain ? this.#number : undefined;
  }

  /** 0 once it has ended; undefined when nothing ends it. */
  get remainingMilliseconds(): number | undefined {
    if (this.#endsAt === undefined) return undefined;
    return Math.max(0, Math.ceil(this.#endsAt - this.#options.clock.monotonic()));
  }

  get isEnded(): boolean {
    return this.remainingMilliseconds === 0;
  }

  /**
   * Another run starts the timer. The same one moves its end only where that was a guess: a timer that follows every
   * message would end early or late by what the message took.
   *
   * @param remainingMilliseconds undefined: all of the run; never more than that
   * @param isCertain false: it was computed from the clock of another machine
   */
  take(run: Snapshot['run'], remainingMilliseconds: number | undefined, isCertain: boolean): void {
    const { clock, onEnd } = this.#options;
    const isSame = run?.number === this.#number;
    if (isSame && (this.#isCertain || !isCertain)) return;
    // The operator knows of no start: the run started here while the operator was away.
    const hasBegunHere =
      isSame && this.#endsAt !== undefined && remainingMilliseconds === undefined;
    if (hasBegunHere) {
      this.#isCertain = true;
      return;
    }
    this.stop();
    this.#number = run?.number;
    this.#isCertain = isCertain;
    this.#endsAt = undefined;
    if (run?.durationSeconds === undefined) return;
    const all = run.durationSeconds * 1_000;
    const wait = Math.min(remainingMilliseconds ?? all, all);
    this.#endsAt = clock.monotonic() + wait;
    this.#cancel = clock.after(wait, onEnd);
  }

  stop(): void {
    this.#cancel();
    this.#cancel = () => {};
  }
}
