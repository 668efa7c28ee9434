import type { Automaton } from './automaton.ts';
import type { State, Step } from './states.ts';
import type { Window } from './window.ts';

export interface Match {
  /** Which of the patterns, from 0. */
  readonly pattern: number;
  readonly start: number;
  readonly end: number;
}

/** Cost of visiting an instruction; passing a byte or advancing a generation costs 1. */
export const INSTRUCTION_WORK = 64;

/** A place in a stream, the state of the automaton there, and where the generations of its threads began. */
export class Cursor {
  at = 0;
  state: State;
  /** What was done, about in bytes passed; may be set back. */
  work = 0;
  readonly #automaton: Automaton;
  /** Bytes that a generation may see. */
  longest: number;
  /** As doubles, which positions are from 1 GiB on. */
  #starts = new Float64Array(8);

  constructor(automaton: Automaton, longest: number) {
    this.#automaton = automaton;
    this.longest = longest;
    this.state = automaton.start('other');
  }

  /** Where the oldest generation began. */
  get oldest(): number {
    return this.state.generations > 0 ? (this.#starts[0] ?? this.at) : this.at;
  }

  get isTooOld(): boolean {
    return this.at - this.oldest >= this.longest;
  }

  restart(window: Window, at: number): void {
    this.state = this.#automaton.start(window.before(at));
    this.at = at;
  }

  /**
   * Goes on until the bytes have all been seen, too many are held, or there was enough work; or up to a step that
   * changes what is known of matches, which is left to be taken.
   */
  run({ bytes, base }: Window, limit: number): Step | undefined {
    const { classOf } = this.#automaton.program;
    const from = this.at - base;
    let at = from;
    let found: Step | undefined;
    while (found === undefined && this.work < limit) {
      const end = this.#reach(bytes, base);
      at = passed(bytes, at, end, this.state.stays);
      if (at >= end) break;
      const step = this.step(this.state, classOf[bytes[at] ?? 0] ?? 0);
      if (step.match !== undefined || step.isLast) {
        found = step;
      } else {
        this.at = base + at;
        this.become(step);
        at += 1;
      }
    }
    this.at = base + at;
    this.work += at - from;
    return found;
  }

  step(state: State, byteClass: number): Step {
    const made = state.steps[byteClass];
    if (made !== undefined) return made;
    const before = this.#automaton.work;
    const step = this.#automaton.step(state, byteClass);
    this.work += INSTRUCTION_WORK * (1 + this.#automaton.work - before);
    return step;
  }

  /** The match that a step finds from here. */
  matchOf({ match }: Step): Match | undefined {
    if (match === undefined) return undefined;
    const { pattern, generation, isBehind } = match;
    const isYoungest = generation === this.state.generations;
    const start = isYoungest ? this.at : (this.#starts[generation] ?? this.at);
    return { pattern, start, end: isBehind ? this.at + 1 : this.at };
  }

  /** Takes on the state that a step leads to, here. */
  become({ to, origins }: Step): void {
    if (origins !== undefined) this.#renumber(origins, this.state.generations);
    this.state = to;
  }

  /** The oldest threads have held their bytes for too long. Younger ones that had come as far are lost with them. */
  giveUp(): void {
    const { generations } = this.state;
    const limit = this.at - this.longest;
    const old = this.#starts.subarray(0, generations).filter((start) => start <= limit).length;
    this.become(this.#automaton.states.withoutOldest(this.state, old));
  }

  /** How far the bytes go, or those that may be held. */
  #reach(bytes: Buffer, base: number): number {
    if (this.state.generations === 0) return bytes.length;
    return Math.min(bytes.length, (this.#starts[0] ?? 0) + this.longest - base);
  }

  #renumber(origins: Int32Array, youngest: number): void {
    if (youngest >= this.#starts.length) this.#starts = grown(this.#starts);
    const starts = this.#starts;
    starts[youngest] = this.at;
    // Each comes from its own place or a later one: no start is lost.
    for (let generation = 0; generation < origins.length; generation += 1) {
      starts[generation] = starts[origins[generation] ?? 0] ?? this.at;
    }
    this.work += origins.length;
  }
}

function passed(bytes: Buffer, from: number, end: number, stays: Uint8Array): number {
  let at = from;
  while (at < end && stays[bytes[at] ?? 0] === 1) at += 1;
  return at;
}

function grown(array: Float64Array): Float64Array<ArrayBuffer> {
  const longer = new Float64Array(2 * array.length);
  longer.set(array);
  return longer;
}
