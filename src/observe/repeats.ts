/** How often something happened, and to whom: the first ten of them. */
export interface Repeated {
  readonly times: number;
  readonly subjects: readonly string[];
}

interface Cause {
  repeated: Repeated;
  say: (repeated: Repeated) => void;
  cancel: () => void;
}

/** Calls `run` in so many milliseconds. Returns what cancels it. */
type After = (milliseconds: number, run: () => void) => () => void;

const MINUTE = 60_000;

/** Causes that are counted at a time; beyond, the oldest is said early. */
const MAX_CAUSES = 1_000;
const MAX_SUBJECTS = 10;

const NEVER: Repeated = { times: 0, subjects: [] };

/** Says of what happens again and again once a minute how often it did. */
export class Repeats {
  readonly #after: After;
  readonly #causes = new Map<string, Cause>();

  constructor(after: After = afterTimeout) {
    this.#after = after;
  }

  /**
   * Calls `say` at once. When the same cause comes again within a minute, the latest `say` is called at the end of that
   * minute, with the count since.
   */
  report(cause: string, subject: string | undefined, say: Cause['say']): void {
    const known = this.#causes.get(cause);
    if (known === undefined) {
      say(add(NEVER, subject));
      this.#count(cause, say);
    } else {
      known.repeated = add(known.repeated, subject);
      known.say = say;
    }
  }

  /** Says what was not said yet. */
  stop(): void {
    for (const cause of [...this.#causes.keys()]) this.#end(cause);
  }

  #count(cause: string, say: Cause['say']): void {
    const [oldest] = this.#causes.keys();
    if (oldest !== undefined && this.#causes.size >= MAX_CAUSES) this.#end(oldest);
    const cancel = this.#after(MINUTE, () => {
      if (this.#end(cause)) this.#count(cause, say);
    });
    this.#causes.set(cause, { repeated: NEVER, say, cancel });
  }

  /** Whether it has happened again. */
  #end(key: string): boolean {
    const cause = this.#causes.get(key);
    this.#causes.delete(key);
    cause?.cancel();
    if (cause === undefined || cause.repeated.times === 0) return false;
    cause.say(cause.repeated);
    return true;
  }
}

function add({ times, subjects }: Repeated, subject: string | undefined): Repeated {
  const isNew =
    subject !== undefined && !subjects.includes(subject) && subjects.length < MAX_SUBJECTS;
  return { times: times + 1, subjects: isNew ? [...subjects, subject] : subjects };
}

function afterTimeout(milliseconds: number, run: () => void): () => void {
  const timer = setTimeout(run, milliseconds).unref();
  return () => clearTimeout(timer);
}
