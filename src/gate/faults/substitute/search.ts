import type { Automaton } from './automaton.ts';
import { Cursor, INSTRUCTION_WORK, type Match } from './cursor.ts';
import type { State, Step } from './states.ts';
import type { Window } from './window.ts';

const MATCH_WORK = 256;

/** So few bytes are sooner seen again than kept in mind. */
const FEW = 32;

/** Threads at a place, of which it is known that they find no match. */
interface Futile {
  readonly state: State;
  readonly at: number;
  /** How far they were followed. */
  readonly until: number;
}

/** A match that was found, unless a preferred thread matches too. */
interface Candidate {
  readonly match: Match;
  readonly rivals: State;
  /** Where the rivals stand: at the end of the match, or one byte behind it. */
  readonly at: number;
  readonly futile: Futile | undefined;
}

/**
 * Looks through a stream for matches, the leftmost first, each beginning behind the one before.
 *
 * A match counts once no preferred thread can match any longer. That may be known only much later:
 * `a*b|a` has to see all of `aaaa` to know that the first `a` is a match. The search goes on behind it, and
 * would see the rest again for each further one; so it remembers which threads failed there. Each time
 * that it passes a byte again it does so with others, which bounds the work per byte by the size of the patterns.
 */
export class Search {
  readonly #automaton: Automaton;
  readonly #cursor: Cursor;
  #candidate: Candidate | undefined;
  #futile: Futile | undefined;
  #lastEnd = -1;
  #hasBegun = false;
  #isOver = false;

  /** @param longest bytes of the longest match: what has not become one by then is given up */
  constructor(automaton: Automaton, longest: number) {
    this.#automaton = automaton;
    this.#cursor = new Cursor(automaton, longest);
  }

  /** Bytes of the longest match from now on. */
  limitMatches(longest: number): void {
    this.#cursor.longest = longest;
  }

  /** Position of the first byte that may still belong to a match. */
  get heldFrom(): number {
    return this.#cursor.oldest;
  }

  /** Counts instructions visited elsewhere for a match. */
  charge(instructions: number): void {
    this.#cursor.work += INSTRUCTION_WORK * instructions;
  }

  /** What was done since it was asked last, about in bytes passed. */
  rest(): number {
    const { work } = this.#cursor;
    this.#cursor.work = 0;
    return work;
  }

  /**
   * The next match; undefined when there is none in what has come, or when the work has reached its limit.
   * @param isEnd nothing comes behind what is in the window
   * @param limit of the work until the next `rest`
   */
  next(window: Window, isEnd: boolean, limit = Number.POSITIVE_INFINITY): Match | undefined {
    if (!this.#hasBegun) this.#cursor.restart(window, window.start);
    this.#hasBegun = true;
    while (!this.#isOver) {
      if (this.#candidate !== undefined && this.#cursor.state.generations === 0) {
        const match = this.#decide(this.#candidate, window);
        if (match !== undefined) return match;
      } else if (this.#cursor.work >= limit || !this.#goOn(window, isEnd, limit)) {
        return undefined;
      }
    }
    return undefined;
  }

  /** @returns false when it has to wait for more bytes */
  #goOn(window: Window, isEnd: boolean, limit: number): boolean {
    if (this.#cursor.isTooOld) this.#cursor.giveUp();
    else if (this.#cursor.at === window.end && isEnd) this.#end();
    else if (this.#cursor.at === window.end) return false;
    else if (this.#futile === undefined) this.#run(window, limit);
    else this.#runBeside(this.#futile, window);
    return true;
  }

  #run(window: Window, limit: number): void {
    const step = this.#cursor.run(window, limit);
    if (step !== undefined) this.#take(step);
  }

  /** One byte that threads have passed before without a match. */
  #runBeside({ state, at, until }: Futile, { bytes, base }: Window): void {
    const cursor = this.#cursor;
    const byteClass = this.#automaton.program.classOf[bytes[cursor.at - base] ?? 0] ?? 0;
    const there = at === cursor.at ? cursor.step(state, byteClass).to : state;
    const isBeside = cursor.at < until;
    this.#futile = isBeside ? { state: there, at: cursor.at + 1, until } : undefined;
    this.#take(cursor.step(cursor.state, byteClass), isBeside ? there : undefined);
  }

  /** A step with a byte, to a state without threads that failed in another state. */
  #take(step: Step, futile?: State): void {
    const cursor = this.#cursor;
    const match = cursor.matchOf(step);
    cursor.become(step);
    cursor.at += 1;
    if (futile !== undefined && cursor.state.generations > 0) {
      cursor.work += INSTRUCTION_WORK * cursor.state.threads.indexes.length;
      cursor.become(this.#automaton.states.without(cursor.state, futile));
    }
    if (match === undefined) return;
    this.#candidate = { match, rivals: cursor.state, at: cursor.at, futile: this.#futile };
  }

  #end(): void {
    const step = this.#automaton.end(this.#cursor.state);
    const match = this.#cursor.matchOf(step);
    this.#cursor.become(step);
    if (match !== undefined) {
      this.#candidate = { match, rivals: step.to, at: this.#cursor.at, futile: undefined };
    }
    this.#isOver = this.#candidate === undefined;
  }

  /** Takes a match that has no rivals left, and goes on behind it; undefined when it doesn't count. */
  #decide({ match, rivals, at, futile }: Candidate, window: Window): Match | undefined {
    const cursor = this.#cursor;
    const until = Math.max(cursor.at, futile?.until ?? 0);
    const isWorthIt = until - at > FEW;
    const both = futile === undefined ? rivals : this.#automaton.states.union(rivals, futile.state);
    this.#futile = isWorthIt && both.generations > 0 ? { state: both, at, until } : undefined;
    this.#candidate = undefined;
    const isEmpty = match.start === match.end;
    cursor.restart(window, isEmpty ? match.end + 1 : match.end);
    cursor.work += MATCH_WORK;
    this.#isOver = cursor.at > window.end;
    // As Go and Perl: nothing empty right behind a match.
    const counts = !isEmpty || match.end !== this.#lastEnd;
    this.#lastEnd = match.end;
    return counts ? match : undefined;
  }
}
