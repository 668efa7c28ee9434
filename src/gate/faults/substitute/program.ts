import { BYTES, Classes } from './classes.ts';
import { NEIGHBOURS, neighbourOf } from './conditions.ts';
import { compilePattern } from './pattern.ts';
import { runeOf } from './runes.ts';

/** The combined program of several patterns, over classes of bytes. */
export interface Program {
  readonly instructions: readonly Instruction[];
  /** Where each pattern begins, in order. */
  readonly starts: readonly number[];
  /** Bytes that no pattern tells apart have the same class. */
  readonly classOf: Uint8Array;
  /** A byte of each class. */
  readonly classes: readonly number[];
  /** Some pattern depends on what is before or after a position. */
  readonly hasConditions: boolean;
}

type Instruction =
  | { readonly kind: 'byte'; readonly accepts: Uint8Array; readonly next: number }
  | { readonly kind: 'either'; readonly first: number; readonly second: number }
  | { readonly kind: 'condition'; readonly condition: number; readonly next: number }
  | { readonly kind: 'group'; readonly slot: number; readonly next: number }
  | { readonly kind: 'pass'; readonly next: number }
  | { readonly kind: 'match'; readonly pattern: number }
  | { readonly kind: 'fail' };

/** An instruction of re2js, which has the names and numbers of Go's regexp/syntax. */
interface Inst {
  readonly op: number;
  readonly out: number;
  readonly arg: number;
  readonly runes: Int32Array;
  matchRune(rune: number): boolean;
}

const FAIL: Instruction = { kind: 'fail' };

/** @throws Error when one is no regular expression */
export function compileProgram(patterns: readonly string[]): Program {
  const programs = patterns.map((text) => compilePattern(text).re2().prog);
  const classes = new Classes();
  const instructions: Instruction[] = [];
  const starts: number[] = [];
  const pending: { readonly at: number; readonly bytes: Uint8Array; readonly next: number }[] = [];
  for (const [pattern, { inst, start }] of programs.entries()) {
    const base = instructions.length;
    starts.push(base + start);
    for (const each of inst as Inst[]) {
      const bytes = acceptedBytes(each);
      if (bytes !== undefined) {
        classes.tellApart(bytes);
        pending.push({ at: instructions.length, bytes, next: base + each.out });
      }
      instructions.push(bytes === undefined ? translate(each, base, pattern) : FAIL);
    }
  }
  const hasConditions = instructions.some(({ kind }) => kind === 'condition');
  if (hasConditions) {
    for (const neighbour of NEIGHBOURS) {
      classes.tellApart(Uint8Array.from(BYTES, (byte) => Number(neighbourOf(byte) === neighbour)));
    }
  }
  const examples = classes.examples;
  for (const { at, bytes, next } of pending) {
    const accepts = Uint8Array.from(examples, (byte) => bytes[byte] ?? 0);
    instructions[at] = { kind: 'byte', accepts, next };
  }
  return {
    instructions: withoutDeadEnds(instructions),
    starts,
    classOf: classes.classOf,
    classes: examples,
    hasConditions,
  };
}

const NEWLINE = 10;

/** By byte; undefined when it takes none. */
function acceptedBytes(inst: Inst): Uint8Array | undefined {
  switch (inst.op) {
    case 8:
    case 9:
      return Uint8Array.from(BYTES, (byte) => Number(inst.matchRune(runeOf(byte))));
    case 10:
      return new Uint8Array(256).fill(1);
    case 11:
      return new Uint8Array(256).fill(1).fill(0, NEWLINE, NEWLINE + 1);
    default:
      return undefined;
  }
}

function translate({ op, out, arg }: Inst, base: number, pattern: number): Instruction {
  const next = base + out;
  switch (op) {
    case 1:
    case 2:
      return { kind: 'either', first: next, second: base + arg };
    case 3:
      return { kind: 'group', slot: arg, next };
    case 4:
      return { kind: 'condition', condition: arg, next };
    case 5:
      return FAIL;
    case 6:
      return { kind: 'match', pattern };
    case 7:
      return { kind: 'pass', next };
    default:
      throw new Error(`re2js compiled to an instruction that is not known: ${op}`);
  }
}

/** Whatever can't lead to a match fails at once, so that no byte is held for it. */
function withoutDeadEnds(instructions: readonly Instruction[]): Instruction[] {
  const sources = instructions.map((): number[] => []);
  const live: number[] = [];
  for (const [index, instruction] of instructions.entries()) {
    if (instruction.kind === 'match') live.push(index);
    for (const next of followers(instruction)) sources[next]?.push(index);
  }
  const isLive = new Set(live);
  for (let index = live.pop(); index !== undefined; index = live.pop()) {
    for (const source of sources[index] ?? []) {
      if (isLive.has(source)) continue;
      isLive.add(source);
      live.push(source);
    }
  }
  return instructions.map((instruction, index) => (isLive.has(index) ? instruction : FAIL));
}

function followers(instruction: Instruction): readonly number[] {
  switch (instruction.kind) {
    case 'either':
      return [instruction.first, instruction.second];
    case 'byte':
      return instruction.accepts.includes(1) ? [instruction.next] : [];
    case 'condition':
    case 'group':
    case 'pass':
      return [instruction.next];
    case 'match':
    case 'fail':
      return [];
  }
}
