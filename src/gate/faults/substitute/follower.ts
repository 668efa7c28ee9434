import type { Facts } from './conditions.ts';
import type { Program } from './program.ts';

/** Follows a thread: calls `visit` for each instruction where it has to wait, the preferred first. */
export interface Travel<T> {
  readonly facts: Facts;
  visit(index: number, load: T): void;
  /** It passes the border of a group. */
  mark?(load: T, slot: number): T;
}

/** Follows a program's threads as far as they go without a byte. No instruction is visited twice in a round. */
export class Follower {
  readonly #program: Program;
  readonly #seen: Uint32Array;
  #round = 0;
  /** Instructions visited. */
  work = 0;

  constructor(program: Program) {
    this.#program = program;
    this.#seen = new Uint32Array(program.instructions.length);
  }

  /** All threads of a place are one round: the first that comes to an instruction has it. */
  begin(): void {
    this.#round = (this.#round + 1) >>> 0;
    if (this.#round > 0) return;
    this.#seen.fill(0);
    this.#round = 1;
  }

  follow<T>(from: number, load: T, travel: Travel<T>): void {
    const { instructions } = this.#program;
    const branches: { readonly index: number; readonly load: T }[] = [];
    let index = from;
    let carried = load;
    for (;;) {
      const isNew = this.#seen[index] !== this.#round;
      this.#seen[index] = this.#round;
      this.work += 1;
      const instruction = isNew ? instructions[index] : undefined;
      switch (instruction?.kind) {
        case 'either':
          branches.push({ index: instruction.second, load: carried });
          index = instruction.first;
          continue;
        case 'pass':
          index = instruction.next;
          continue;
        case 'group':
          carried = travel.mark?.(carried, instruction.slot) ?? carried;
          index = instruction.next;
          continue;
        case 'condition': {
          const missing = instruction.condition & ~travel.facts.holds;
          if (missing === 0) {
            index = instruction.next;
            continue;
          }
          if ((missing & ~travel.facts.open) === 0) travel.visit(index, carried);
          break;
        }
        case 'byte':
        case 'match':
          travel.visit(index, carried);
          break;
        case 'fail':
        case undefined:
          break;
      }
      const branch = branches.pop();
      if (branch === undefined) return;
      index = branch.index;
      carried = branch.load;
    }
  }
}
