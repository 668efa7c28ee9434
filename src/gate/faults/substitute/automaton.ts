import { factsOf, type Neighbour, neighbourOf } from './conditions.ts';
import { Follower } from './follower.ts';
import type { Program } from './program.ts';
import { type FoundMatch, type State, States, type Step } from './states.ts';
import { NO_THREADS, ThreadList, type Threads } from './threads.ts';

/** Threads up to the first match: whatever it is preferred to is cut off. */
interface Front {
  readonly threads: Threads;
  readonly match: Omit<FoundMatch, 'isBehind'> | undefined;
}

/** A deterministic automaton that finds the leftmost match and prefers as Perl does; its steps are made when needed. */
export class Automaton {
  readonly program: Program;
  readonly states: States;
  readonly #follower: Follower;
  readonly #bytesOf: readonly number[][];
  #threads = 0;

  constructor(program: Program) {
    this.program = program;
    this.states = new States(program.classes.length);
    this.#follower = new Follower(program);
    this.#bytesOf = program.classes.map((): number[] => []);
    for (const [byte, byteClass] of program.classOf.entries()) this.#bytesOf[byteClass]?.push(byte);
  }

  /** Instructions and threads visited so far. */
  get work(): number {
    return this.#follower.work + this.#threads;
  }

  /** No match has begun. */
  start(before: Neighbour): State {
    return this.states.get(this.program.hasConditions ? before : 'other', false, NO_THREADS);
  }

  /** The step with a byte of that class. */
  step(from: State, byteClass: number): Step {
    const known = from.steps[byteClass];
    if (known !== undefined) return known;
    const step = this.#makeStep(from, byteClass);
    from.steps[byteClass] = step;
    const doesNothing = step.origins === undefined && step.match === undefined;
    if (step.to === from && doesNothing) {
      for (const byte of this.#bytesOf[byteClass] ?? []) this.states.stay(from, byte);
    }
    return step;
  }

  /** The step with the end of the stream. */
  end(from: State): Step {
    return this.step(from, this.program.classes.length);
  }

  #makeStep(from: State, byteClass: number): Step {
    const { classes, hasConditions } = this.program;
    const example = classes[byteClass];
    const behind = example === undefined ? 'edge' : neighbourOf(example);
    const here = this.#frontBefore(from, behind);
    const there = this.#frontBehind(here.threads, byteClass, behind);
    const step = this.states.stepTo(
      hasConditions ? behind : 'other',
      from.isMatched || here.match !== undefined || there.match !== undefined,
      there.threads,
      from.generations,
    );
    if (there.match !== undefined) return { ...step, match: { ...there.match, isBehind: true } };
    if (here.match !== undefined) return { ...step, match: { ...here.match, isBehind: false } };
    return step;
  }

  /** The threads at a place whose next byte is known, with a new generation. */
  #frontBefore({ before, isMatched, threads, generations }: State, behind: Neighbour): Front {
    const followed = new ThreadList();
    const travel = { facts: factsOf(before, behind), visit: followed.push.bind(followed) };
    this.#follower.begin();
    for (let at = 0; at < threads.indexes.length; at += 1) {
      this.#follower.follow(threads.indexes[at] ?? 0, threads.generations[at] ?? 0, travel);
    }
    for (const start of isMatched ? [] : this.program.starts) {
      this.#follower.follow(start, generations, travel);
    }
    return this.#frontOf(followed);
  }

  /**
   * Where the threads come to with a byte. They go no further when one meets a condition that depends on the next:
   * whether it holds decides which thread is the first to come to an instruction behind it, and has it.
   */
  #frontBehind(threads: Threads, byteClass: number, before: Neighbour): Front {
    const { instructions } = this.program;
    const arrived = new ThreadList();
    const followed = new ThreadList();
    const travel = { facts: factsOf(before, undefined), visit: followed.push.bind(followed) };
    this.#follower.begin();
    for (let at = 0; at < threads.indexes.length; at += 1) {
      const instruction = instructions[threads.indexes[at] ?? 0];
      if (instruction?.kind !== 'byte' || instruction.accepts[byteClass] !== 1) continue;
      const generation = threads.generations[at] ?? 0;
      const { length } = followed;
      this.#follower.follow(instruction.next, generation, travel);
      if (followed.length > length) arrived.push(instruction.next, generation);
    }
    this.#threads += threads.indexes.length;
    const front = this.#frontOf(followed);
    const isOpen = front.threads.indexes.some((index) => instructions[index]?.kind === 'condition');
    return isOpen ? { threads: arrived.until(arrived.length), match: undefined } : front;
  }

  #frontOf(followed: ThreadList): Front {
    this.#threads += followed.length;
    for (let at = 0; at < followed.length; at += 1) {
      const instruction = this.program.instructions[followed.indexes[at] ?? 0];
      if (instruction?.kind !== 'match') continue;
      const generation = followed.generations[at] ?? 0;
      return { threads: followed.until(at), match: { generation, pattern: instruction.pattern } };
    }
    return { threads: followed.until(followed.length), match: undefined };
  }
}
