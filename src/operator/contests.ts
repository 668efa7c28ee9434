/** Times that a child is put back without a wait. */
const FREE = 5;

/** Milliseconds between the times after that, doubled each time. */
const MIN_WAIT = 1_000;
const MAX_WAIT = 120_000;

/** Milliseconds in which nobody changes the child: the contest is over. */
const CALM = 300_000;

interface Contest {
  readonly times: number;
  /** Monotonic milliseconds of the last time. */
  readonly last: number;
  /** Who changes what. */
  readonly about: string;
}

const NONE: Contest = { times: 0, last: Number.NEGATIVE_INFINITY, about: '' };

/** Endless restores against endless changes would only load the API server. */
export class Contests {
  readonly #now: () => number;
  readonly #contests = new Map<string, Contest>();

  /** @param now monotonic milliseconds */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Whether the child may be put back now. */
  mayRestore(child: string): boolean {
    return this.untilRestore(child) <= 0;
  }

  /** Milliseconds until the child may be put back; 0 or less when it may be now. */
  untilRestore(child: string): number {
    const { times, last } = this.#current(child);
    if (times < FREE) return 0;
    return last + Math.min(MIN_WAIT * 2 ** (times - FREE), MAX_WAIT) - this.#now();
  }

  /** The child was put back. @param about who had changed what */
  restored(child: string, about: string): void {
    this.#contests.set(child, { times: this.#current(child).times + 1, last: this.#now(), about });
  }

  /** Who keeps changing what of the child, until it has been left alone for 5 minutes. */
  contest(child: string): string | undefined {
    const { times, about } = this.#current(child);
    return times < FREE ? undefined : about;
  }

  forget(child: string): void {
    this.#contests.delete(child);
  }

  #current(child: string): Contest {
    const contest = this.#contests.get(child);
    if (contest !== undefined && this.#now() - contest.last < CALM) return contest;
    this.#contests.delete(child);
    return NONE;
  }
}
