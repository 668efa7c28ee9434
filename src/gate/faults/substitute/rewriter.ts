import type { Chunk, End } from '../../chunk.ts';
import { free, memory } from '../../memory.ts';
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

/** The same while the process is short of memory: thousands of connections may each hold this many. */
const LONGEST_WHEN_SHORT = 8_192;

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
  readonly parts: Buffer[];
}

/** The part of a replacement that has not been passed yet: it may be much longer than the match. */
interface Replacement {
  readonly arrivedAt: number;
  readonly parts: Buffer[];
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
  #replacement: Replacement | undefined;
  /** There was no room for what it could have passed. */
  #isBlocked = false;
  /** The turn was too long: a timer continues. */
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
    return this.#isResting || this.#isBlocked ? 0 : this.#held.length;
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

  goOn(): void {
    if (this.#isBlocked) this.#work();
  }

  rest(): Chunk[] {
    const { parts, arrivedAt } = this.#replacement ?? NOTHING;
    this.#replacement = undefined;
    return parts.length === 0 ? [] : [chunkOf(Buffer.concat(parts), arrivedAt)];
  }

  release(): Chunk[] {
    return this.#held.take(this.#held.end);
  }

  /** Whatever it passes may make the sender send more at once: that has to wait for its turn. */
  #work(): void {
    if (this.#isAtWork || this.#isResting) return;
    this.#isAtWork = true;
    let isDone = false;
    do {
      const seen = this.#held.end + this.#ends.length;
      const room = this.#context.growth();
      const longest = this.#context.isShort() ? LONGEST_WHEN_SHORT : LONGEST_MATCH;
      this.#search.limitMatches(Math.min(longest, this.window));
      this.#isBlocked = room === 0;
      if (!this.#isBlocked) isDone = this.#rewrite(room);
      isDone &&= seen === this.#held.end + this.#ends.length;
    } while (!isDone && !this.#isBlocked && !this.#isResting);
    this.#isAtWork = false;
    if (!isDone) return;
    for (const end of this.#ends.splice(0)) this.#context.passEnd(end);
  }

  /**
   * Passes decided bytes, up to this many.
   *
   * @returns whether that was all
   */
  #rewrite(room: number): boolean {
    const isEnd = this.#ends.length > 0;
    const output = new Output(room);
    let isAll = false;
    while (!isAll && !output.isFull) {
      if (this.#replacement !== undefined) this.#replace(this.#replacement, output);
      else isAll = !this.#findNext(isEnd, output);
    }
    if (isAll) output.move(this.#held, this.#search.heldFrom);
    this.#isResting = this.#search.rest() >= WORK_PER_TURN;
    if (this.#isResting) this.#context.after(0, this.#goOn);
    for (const chunk of output.chunks()) this.#context.pass(chunk);
    return isAll && !this.#isResting;
  }

  /** @returns whether there was a match */
  #findNext(isEnd: boolean, output: Output): boolean {
    const match = this.#search.next(this.#held, isEnd, WORK_PER_TURN);
    if (match === undefined) return false;
    output.move(this.#held, match.start);
    const parts = this.#replacementOf(match);
    this.#replacement = { parts, arrivedAt: this.#held.drop(match.end) ?? this.#arrivedAt };
    return true;
  }

  #replace({ parts, arrivedAt }: Replacement, output: Output): void {
    for (let part = parts.shift(); part !== undefined; part = parts.shift()) {
      output.add(part, arrivedAt);
      if (output.isFull && parts.length > 0) return;
    }
    this.#replacement = undefined;
  }

  #replacementOf(match: Match): Buffer[] {
    const { work } = this.#groups;
    const parts = fill(this.#templates[match.pattern] ?? [], this.#groups.of(match, this.#held));
    this.#search.charge(this.#groups.work - work);
    return parts;
  }

  readonly #goOn = (): void => {
    this.#isResting = false;
    this.#work();
  };
}

/** What leaves together. */
class Output {
  readonly #runs: Run[] = [];
  /** Copied, these are of no more use. */
  readonly #own: Buffer[] = [];
  #room: number;

  /** @param room bytes after which it is full; the last part may be beyond */
  constructor(room: number) {
    this.#room = room;
  }

  get isFull(): boolean {
    return this.#room <= 0;
  }

  add(data: Buffer, arrivedAt: number): void {
    const last = this.#runs.at(-1);
    if (last?.arrivedAt === arrivedAt) last.parts.push(data);
    else this.#runs.push({ arrivedAt, parts: [data] });
    this.#room -= data.length;
  }

  /** Takes what is before a position as it came. It is no more than there was, and fills nothing. */
  move(held: Window, position: number): void {
    for (const { data, arrivedAt } of held.take(position)) {
      this.#own.push(data);
      this.add(data, arrivedAt);
    }
  }

  chunks(): Chunk[] {
    const [only] = this.#own;
    const isMoved = this.#runs.length === 1 && this.#runs[0]?.parts[0] === only;
    if (only !== undefined && isMoved && this.#runs[0]?.parts.length === 1) {
      return [chunkOf(only, this.#runs[0].arrivedAt)];
    }
    const chunks = this.#runs.map(({ parts, arrivedAt }) => chunkOf(concat(parts), arrivedAt));
    for (const data of this.#own) free(data);
    return chunks.filter(({ data }) => data.length > 0);
  }
}

/** The pipeline counts the offsets behind a fault that changes bytes. */
function chunkOf(data: Buffer, arrivedAt: number): Chunk {
  return { data, arrivedAt, offset: 0, changedBy: [] };
}

function concat(parts: readonly Buffer[]): Buffer {
  const whole = memory(parts.reduce((sum, { length }) => sum + length, 0));
  let end = 0;
  for (const part of parts) end += part.copy(whole, end);
  return whole;
}

const NOTHING: Replacement = { parts: [], arrivedAt: 0 };
