import type { Chunk, End } from '../../chunk.ts';
import type { Stage, StageContext } from '../fault.ts';
import { Automaton } from './automaton.ts';
import type { Match } from './cursor.ts';
import { Groups } from './groups.ts';
import { compileProgram } from './program.ts';
import { fill, parseReplacement, type Template } from './replacement.ts';
import { Search } from './search.ts';
import { Window } from './window.ts';

/** Bytes that are held at most for a match that has begun. */
const LONGEST_MATCH = 65_536;

/** Work in a row, some milliseconds' worth: a pattern that is hard to match must not hold up other connections. */
const WORK_PER_TURN = 1_000_000;

/** What all connections share: the automaton learns from each of them. */
export interface CompiledRules {
  readonly automaton: Automaton;
  readonly groups: Groups;
  readonly templates: readonly Template[];
}

/** Bytes that came at the same time and leave together: a write for each match would be many. */
interface Run {
  readonly arrivedAt: number;
  readonly data: Buffer[];
}

export function compileRules(
  rules: readonly { readonly pattern: string; readonly replacement: string }[],
): CompiledRules {
  const program = compileProgram(rules.map(({ pattern }) => pattern));
  return {
    automaton: new Automaton(program),
    groups: new Groups(program),
    templates: rules.map(({ replacement }) => parseReplacement(replacement)),
  };
}

/** Passes a stream on with its matches replaced, and holds what may still become one. */
export class Rewriter implements Stage {
  /** As much as it may need to see before it can let anything go: what it holds stays below. */
  readonly window: number;
  readonly #context: StageContext;
  readonly #templates: readonly Template[];
  readonly #groups: Groups;
  readonly #search: Search;
  readonly #held = new Window();
  readonly #ends: End[] = [];
  /** When what was pushed last came. */
  #arrivedAt = 0;
  #isAtWork = false;
  /** The turn was too long: a timer goes on. */
  #isResting = false;

  constructor({ automaton, groups, templates }: CompiledRules, context: StageContext) {
    this.window = Math.min(LONGEST_MATCH, context.connectionBytes);
    this.#context = context;
    this.#templates = templates;
    this.#groups = groups;
    this.#search = new Search(automaton, this.window);
  }

  get held(): number {
    return this.#held.length;
  }

  get cost(): number {
    return this.#held.cost;
  }

  get undecided(): number {
    return this.#isResting ? 0 : this.#held.length;
  }

  push(chunk: Chunk): void {
    this.#held.push(chunk);
    this.#arrivedAt = chunk.arrivedAt;
    this.#work();
  }

  end(end: End): void {
    this.#ends.push(end);
    this.#arrivedAt = end.arrivedAt;
    this.#work();
  }

  release(): Chunk[] {
    return this.#held.take(this.#held.end);
  }

  /** Whatever it passes may make the sender send more at once: that has to wait for its turn. */
  #work(): void {
    if (this.#isAtWork || this.#isResting) return;
    this.#isAtWork = true;
    for (let seen = -1; seen !== this.#held.end + this.#ends.length && !this.#isResting; ) {
      seen = this.#held.end + this.#ends.length;
      this.#rewrite();
    }
    this.#isAtWork = false;
    if (this.#isResting) return;
    for (const end of this.#ends.splice(0)) this.#context.passEnd(end);
  }

  #rewrite(): void {
    const isEnd = this.#ends.length > 0;
    const runs: Run[] = [];
    const add = (data: Buffer, arrivedAt: number): void => {
      const last = runs.at(-1);
      if (last?.arrivedAt === arrivedAt) last.data.push(data);
      else runs.push({ arrivedAt, data: [data] });
    };
    const addUntil = (position: number): void => {
      for (const { data, arrivedAt } of this.#held.take(position)) add(data, arrivedAt);
    };
    let match = this.#search.next(this.#held, isEnd, WORK_PER_TURN);
    for (; match !== undefined; match = this.#search.next(this.#held, isEnd, WORK_PER_TURN)) {
      addUntil(match.start);
      const data = this.#replacementOf(match);
      add(data, this.#held.drop(match.end) ?? this.#arrivedAt);
    }
    addUntil(this.#search.heldFrom);
    this.#isResting = this.#search.rest() >= WORK_PER_TURN;
    if (this.#isResting) this.#context.after(0, this.#goOn);
    for (const { data, arrivedAt } of runs) this.#pass(data, arrivedAt);
  }

  #replacementOf(match: Match): Buffer {
    const { work } = this.#groups;
    const data = fill(this.#templates[match.pattern] ?? [], this.#groups.of(match, this.#held));
    this.#search.charge(this.#groups.work - work);
    return data;
  }

  readonly #goOn = (): void => {
    this.#isResting = false;
    this.#work();
  };

  #pass(parts: readonly Buffer[], arrivedAt: number): void {
    const [only] = parts;
    const data = parts.length === 1 && only !== undefined ? only : Buffer.concat(parts);
    // The pipeline counts the offsets behind a fault that changes bytes.
    if (data.length > 0) this.#context.pass({ data, arrivedAt, offset: 0, changedBy: [] });
  }
}
