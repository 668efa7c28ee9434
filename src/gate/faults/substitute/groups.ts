import { factsOf, neighbourOf } from './conditions.ts';
import type { Match } from './cursor.ts';
import { Follower } from './follower.ts';
import type { Program } from './program.ts';
import type { Window } from './window.ts';

/** By slot: where each group begins (2 n) and ends (2 n + 1); undefined when it took no part. */
type Borders = readonly (number | undefined)[];

interface Thread {
  readonly index: number;
  readonly borders: Borders;
}

/** Finds out what the groups of a match matched, by going through it once more. */
export class Groups {
  readonly #program: Program;
  readonly #follower: Follower;

  constructor(program: Program) {
    this.#program = program;
    this.#follower = new Follower(program);
  }

  /** Instructions visited so far. */
  get work(): number {
    return this.#follower.work;
  }

  /** @param match one that was found in the window, whose bytes are still there */
  of(match: Match, window: Window): (group: number) => Buffer {
    let borders: Borders | undefined;
    return (group) => {
      if (group > 0) borders ??= this.#borders(match, window);
      const start = group > 0 ? borders?.[2 * group] : match.start;
      const end = group > 0 ? borders?.[2 * group + 1] : match.end;
      if (start === undefined || end === undefined) return Buffer.alloc(0);
      return window.slice(start, end);
    };
  }

  #borders({ pattern, start, end }: Match, window: Window): Borders {
    let threads: readonly Thread[] = [{ index: this.#program.starts[pattern] ?? 0, borders: [] }];
    for (let at = start; at < end; at += 1) {
      threads = this.#step(this.#follow(threads, at, window), window.bytes[at - window.base] ?? 0);
    }
    const last = this.#follow(threads, end, window).find(({ index }) => this.#isMatch(index));
    if (last === undefined) throw new Error('a match has no way through its pattern');
    return last.borders;
  }

  /** The threads that go on with a byte; those behind a match that is found here don't. */
  #step(threads: readonly Thread[], byte: number): Thread[] {
    const { instructions, classOf } = this.#program;
    const next: Thread[] = [];
    for (const { index, borders } of threads) {
      const instruction = instructions[index];
      if (instruction?.kind === 'match') break;
      if (instruction?.kind !== 'byte' || instruction.accepts[classOf[byte] ?? 0] !== 1) continue;
      next.push({ index: instruction.next, borders });
    }
    return next;
  }

  #isMatch(index: number): boolean {
    return this.#program.instructions[index]?.kind === 'match';
  }

  #follow(threads: readonly Thread[], at: number, window: Window): Thread[] {
    const followed: Thread[] = [];
    const byte = window.bytes[at - window.base];
    const travel = {
      facts: factsOf(window.before(at), byte === undefined ? 'edge' : neighbourOf(byte)),
      visit: (index: number, borders: Borders) => followed.push({ index, borders }),
      mark: (borders: Borders, slot: number): Borders => {
        const marked = [...borders];
        marked[slot] = at;
        return marked;
      },
    };
    this.#follower.begin();
    for (const { index, borders } of threads) this.#follower.follow(index, borders, travel);
    return followed;
  }
}
