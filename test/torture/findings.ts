/** What went wrong, and what had been done before. */
export class Findings {
  readonly problems: string[] = [];
  readonly #history: string[] = [];
  readonly #onProblem: (what: string) => void;

  /** @param onProblem something went wrong: there is no use in going on */
  constructor(onProblem: (what: string) => void) {
    this.#onProblem = onProblem;
  }

  /** Something is done. */
  did(what: string): void {
    this.#history.push(what);
    if (this.#history.length > KEPT) this.#history.shift();
  }

  wrong(what: string): void {
    if (this.problems.length === MOST) return;
    this.problems.push(what);
    this.#onProblem(what);
  }

  get history(): readonly string[] {
    return this.#history;
  }
}

/** Deeds before a problem that are told. */
const KEPT = 40;
/** One problem brings others. */
const MOST = 10;
