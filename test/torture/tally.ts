import type { Counts } from './model/receiver.ts';

/** What a campaign has done, and what came of it. */
export class Tally {
  readonly bytes: Counts = { asSent: 0, changed: 0, left: 0, unplaced: 0 };
  patches = 0;
  disconnects = 0;
  /** Faults that ended by themselves. */
  runsEnded = 0;
  /** Gates that the lever was engaged for. */
  levers = 0;
  /** Gates that were deleted and created again. */
  recreated = 0;
  upstreamsFailed = 0;
  /** By what was killed. */
  readonly kills = new Map<string, number>();
  disksFilled = 0;
  /** Patches that no gate takes, all of which were refused. */
  inputsRefused = 0;
  /** Patches that a full disk refused. */
  patchesRefused = 0;
  /** Patches of which a kill left open what came of them, asked for again. */
  attemptsAgain = 0;
  hostileConnections = 0;
  drained = 0;
  readonly #patchMilliseconds: number[] = [];

  killed(what: string): void {
    this.kills.set(what, (this.kills.get(what) ?? 0) + 1);
  }

  patched(milliseconds: number): void {
    this.patches += 1;
    this.#patchMilliseconds.push(milliseconds);
  }

  /** Milliseconds after which that share of the patches was in force. */
  patchQuantile(share: number): number {
    const sorted = this.#patchMilliseconds.toSorted((a, b) => a - b);
    return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
  }
}
