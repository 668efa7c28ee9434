import type { Neighbour } from './conditions.ts';
import { filtered, type Threads } from './threads.ts';

/**
 * Where a search stands. At which byte each generation of its threads began, the search keeps: that way one state
 * serves all places of a stream, and all connections.
 */
export interface State {
  readonly before: Neighbour;
  /** A match is found already, and the threads are those that are preferred to it. */
  readonly isMatched: boolean;
  readonly threads: Threads;
  readonly generations: number;
  /** By class of byte, and the end of the stream behind them. Filled as steps are taken. */
  readonly steps: (Step | undefined)[];
  /** By byte: 1 when the step with it leads back here and does nothing else. Filled as steps are taken. */
  stays: Uint8Array;
}

/** From one state to the next. */
export interface Step {
  readonly to: State;
  /**
   * By generation of the new state, that of the old; one past the last is the generation that began with the step.
   * undefined when all that are left keep their number.
   */
  readonly origins: Int32Array | undefined;
  /** A match that is preferred to all before it. */
  readonly match: FoundMatch | undefined;
  /** Nothing is left that could be preferred to the match that was found. */
  readonly isLast: boolean;
}

export interface FoundMatch {
  readonly generation: number;
  readonly pattern: number;
  /** It ends behind the byte of the step, not before it. */
  readonly isBehind: boolean;
}

/** Bytes that all states and steps may take, about. Beyond it they are made again. */
const MOST_KEPT = 8_388_608;
const STATE_BYTES = 512;
const STEP_BYTES = 96;

const NEVER = new Uint8Array(256);

/** The states that have come up so far: equal ones are the same object. */
export class States {
  readonly #classes: number;
  readonly #known = new Map<string, State>();
  #kept = 0;

  /** @param classes of bytes */
  constructor(classes: number) {
    this.#classes = classes;
  }

  get count(): number {
    return this.#known.size;
  }

  get(before: Neighbour, isMatched: boolean, threads: Threads): State {
    const { indexes, generations } = threads;
    const key = `${before}${isMatched}${contentOf(indexes)}${contentOf(generations)}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    this.#keep(STATE_BYTES + 16 * indexes.length + 8 * this.#classes);
    const state: State = {
      before,
      isMatched,
      threads,
      generations: (generations.at(-1) ?? -1) + 1,
      steps: Array.from({ length: this.#classes + 1 }),
      stays: NEVER,
    };
    this.#known.set(key, state);
    return state;
  }

  /**
   * The step to a state with these threads, which still have the generations of the old one.
   * @param youngest the generation that began with the step, if one did
   */
  stepTo(before: Neighbour, isMatched: boolean, threads: Threads, youngest?: number): Step {
    const origins = Int32Array.from(new Set(threads.generations));
    let generation = -1;
    const generations = threads.generations.map((origin) => {
      if (origin !== origins[generation]) generation += 1;
      return generation;
    });
    const to = this.get(before, isMatched, { indexes: threads.indexes, generations });
    this.#keep(STEP_BYTES + 4 * origins.length);
    const isSame = origins.every((origin, index) => origin === index && origin !== youngest);
    const isLast = isMatched && origins.length === 0;
    return { to, origins: isSame ? undefined : origins, match: undefined, isLast };
  }

  /** Notes that the step with a byte leads back and does nothing else. */
  stay(state: State, byte: number): void {
    if (state.stays === NEVER) state.stays = new Uint8Array(256);
    state.stays[byte] = 1;
  }

  /** The same without the threads that another has. */
  without({ before, isMatched, threads }: State, other: State): Step {
    const gone = new Set(other.threads.indexes);
    const left = filtered(threads, (index) => !gone.has(index));
    return this.stepTo(before, isMatched, left);
  }

  /** The same without the threads of its oldest generations. */
  withoutOldest({ before, isMatched, threads }: State, count: number): Step {
    const left = filtered(threads, (_, generation) => generation >= count);
    return this.stepTo(before, isMatched, left);
  }

  /** The threads of both, as of one age. */
  union(one: State, other: State): State {
    if (one.generations === 0) return other;
    const { to } = this.without(one, other);
    const indexes = Int32Array.from([...other.threads.indexes, ...to.threads.indexes]);
    return this.get(other.before, true, { indexes, generations: new Int32Array(indexes.length) });
  }

  #keep(bytes: number): void {
    this.#kept += bytes;
    if (this.#kept <= MOST_KEPT) return;
    // Connections may stand in old states: without their steps those keep no others alive.
    for (const state of this.#known.values()) {
      state.steps.fill(undefined);
      state.stays = NEVER;
    }
    this.#known.clear();
    this.#kept = bytes;
  }
}

function contentOf({ buffer, byteLength }: Int32Array<ArrayBufferLike>): string {
  return Buffer.from(buffer, 0, byteLength).toString('latin1');
}
