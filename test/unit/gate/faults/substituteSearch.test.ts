import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Chunk } from '../../../../src/gate/chunk.ts';
import type { StageContext } from '../../../../src/gate/faults/fault.ts';
import { Automaton } from '../../../../src/gate/faults/substitute/automaton.ts';
import { compilePattern, pattern } from '../../../../src/gate/faults/substitute/pattern.ts';
import { compileProgram } from '../../../../src/gate/faults/substitute/program.ts';
import {
  type CompiledRules,
  compileRules,
  Rewriter,
} from '../../../../src/gate/faults/substitute/rewriter.ts';
import { Search } from '../../../../src/gate/faults/substitute/search.ts';
import { Window } from '../../../../src/gate/faults/substitute/window.ts';
import { cut, everyCut, type Rule, replacedAtOnce } from './substituteReference.ts';

const { raw } = String;

/** What a stage passes on of a stream that comes in these pieces and ends, and what it held after each. */
function rewritten(rules: CompiledRules, pieces: readonly Buffer[]) {
  const passed: Buffer[] = [];
  const held: number[] = [];
  const tasks: (() => void)[] = [];
  const context: Partial<StageContext> = {
    connectionBytes: 2 ** 20,
    after: (_, task) => {
      tasks.push(task);
      return () => {};
    },
    growth: () => 65_536,
    isShort: () => false,
    pass: ({ data }: Chunk) => passed.push(data),
    passEnd() {},
  };
  const stage = new Rewriter(rules, context as StageContext);
  let offset = 0;
  for (const data of pieces) {
    stage.push({ data, arrivedAt: 0, offset, changedBy: [] });
    offset += data.length;
    held.push(stage.held);
  }
  stage.end({ arrivedAt: 0, close: undefined });
  for (let task = tasks.shift(); task !== undefined; task = tasks.shift()) task();
  expect(stage.held).toBe(0);
  return { data: Buffer.concat(passed), held };
}

const BYTES = raw`a b c ab abc . [ab] [^a] (?s:.) (?i:A) \n \w \S \xff [\x80-\xff] [b-\xff] [[:upper:]]`;
const PLACES = raw`^ $ \A \z (?m:^) (?m:$) \b \B`;
const ATOMS = ['', ...BYTES.split(' '), ...PLACES.split(' ')];
const REPEATS = ['*', '+', '?', '*?', '+?', '??', '{2}', '{1,3}', '{2,}?'];

/** Any pattern, with everything in it that the syntax has. */
const { pattern: anyPattern } = fc.letrec<{ pattern: string }>((tie) => ({
  pattern: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(...ATOMS),
    fc.tuple(tie('pattern'), tie('pattern')).map(([one, other]) => `${one}${other}`),
    fc.tuple(tie('pattern'), tie('pattern')).map(([one, other]) => `(?:${one}|${other})`),
    tie('pattern').map((inner) => `(${inner})`),
    fc
      .tuple(tie('pattern'), fc.constantFrom(...REPEATS))
      .map(([inner, repeat]) => `(?:${inner})${repeat}`),
  ),
}));

const anyData = (minLength: number, maxLength: number) =>
  fc
    .array(fc.constantFrom(...Buffer.from('aaabc\n A\xff', 'latin1')), { minLength, maxLength })
    .map((bytes) => Buffer.from(bytes));

/** Shows where a match was, by which rule, and what was in its groups. */
function marking(pattern: string, index: number): Rule {
  const groups = Math.min(9, compilePattern(pattern).groupCount());
  const references = Array.from({ length: groups }, (_, group) => `,\\${group + 1}`);
  return { pattern, replacement: raw`<${index}:\0${references.join('')}>` };
}

describe('the search through a stream', () => {
  test('finds what the library finds in the whole, however it is cut', () => {
    fc.assert(
      fc.property(
        fc.array(anyPattern, { minLength: 1, maxLength: 3 }),
        anyData(1, 40),
        fc.array(fc.nat(40), { maxLength: 6 }),
        (patterns, data, places) => {
          const rules = patterns.map(marking);
          const compiled = compileRules(rules);
          const expected = replacedAtOnce(rules, data).toString('latin1');
          for (const pieces of [[data], cut(data, [...data.keys()]), cut(data, places)]) {
            expect(rewritten(compiled, pieces).data.toString('latin1')).toBe(expected);
          }
        },
      ),
      { numRuns: 1_000 },
    );
  }, 30_000);

  test('finds them behind long ways that lead nowhere', () => {
    const patterns = ['a*b|a', 'a*?b|aa', '(a+)(a+)b|(a)(a)', raw`(?:a|b)*c\b|ab?`, '.*z|[ab]+?b'];
    fc.assert(
      fc.property(fc.constantFrom(...patterns), anyData(100, 400), (pattern, data) => {
        const rules = [marking(pattern, 0)];
        const compiled = compileRules(rules);
        const expected = replacedAtOnce(rules, data).toString('latin1');
        expect(rewritten(compiled, [data]).data.toString('latin1')).toBe(expected);
        expect(rewritten(compiled, cut(data, [...data.keys()])).data.toString('latin1')).toBe(
          expected,
        );
      }),
      { numRuns: 300 },
    );
  }, 30_000);

  test('holds of a literal the longest end that may begin a match, and not a byte more', () => {
    const text = (alphabet: string, minLength: number) =>
      fc.string({ unit: fc.constantFrom(...Array.from(alphabet)), minLength, maxLength: 12 });
    fc.assert(
      fc.property(text('ab', 1), text('abc', 0), (literal, sent) => {
        const compiled = compileRules([{ pattern: literal, replacement: '' }]);
        const data = Buffer.from(sent);
        const { held } = rewritten(compiled, cut(data, [...data.keys()]));
        const expected = Array.from(sent, (_, at) => {
          const rest =
            sent
              .slice(0, at + 1)
              .split(literal)
              .at(-1) ?? '';
          const lengths = Array.from({ length: literal.length }, (_, length) => length);
          return Math.max(...lengths.filter((length) => rest.endsWith(literal.slice(0, length))));
        });
        expect(held).toEqual(expected);
      }),
      { numRuns: 1_000 },
    );
  });
});

/** Letters of which no part is like another. */
function unlike(length: number): string {
  return Array.from({ length }, (_, at) => 'ab'[Math.floor(at ** 1.5) % 2]).join('');
}

describe('the work for a byte', () => {
  /** For as many bytes as there are, in pieces of a thousand. */
  function workFor(pattern: string, text: string, length: number): number {
    const data = Buffer.from(text.repeat(length).slice(0, length));
    const search = new Search(new Automaton(compileProgram([pattern])), 65_536);
    const window = new Window();
    for (let at = 0; at < length; at += 1_000) {
      const piece = data.subarray(at, at + 1_000);
      window.push({ data: piece, arrivedAt: 0, offset: at, changedBy: [] });
      while (search.next(window, at + 1_000 >= length) !== undefined);
    }
    return search.rest();
  }

  test.each([
    ['(a*)*b', 'a'],
    ['(a+a+)+b', 'a'],
    ['(?:a|a|aa)+b', 'a'],
    ['(?:a?){9}a{9}', 'a'],
    ['a*b|a', 'a'],
    ['(?:a*b|a*c|a*d)|aa', 'a'],
    ['a*?b|a{3}', 'a'],
    [raw`\ba*\bb|a`, 'a'],
    ['(?:ab)*c|a|b', 'ab'],
    ['(?s:.)*z|.', 'abc'],
    ['(?:a|b)*a[ab]{9}c|a', 'aabab'],
    ['x*', 'a'],
  ])('does not grow with the stream: %s on %s...', (pattern, text) => {
    const work = workFor(pattern, text, 8_000);
    expect(workFor(pattern, text, 32_000) / work).toBeLessThan(4.4);
    expect(work / 8_000).toBeLessThan(3_000);
  });

  test('is bounded by the size of the pattern, where no byte is like another', () => {
    const perByte = (count: number) => workFor(`a[ab]{${count}}c`, unlike(4_000), 4_000) / 4_000;
    expect(perByte(96) / perByte(48)).toBeLessThan(2.4);
  });

  test.each([
    '[ab]{0,99}'.repeat(9),
    '(a?[ab]{0,99}()*b?[ab]{0,99}()?a?){4}()*',
    '()*'.repeat(170),
    'a?'.repeat(256),
    `${'(?:'.repeat(100)}a${')*'.repeat(100)}`,
  ])('is bounded for all that the schema accepts: %s has no 2,000 instructions', (accepted) => {
    expect(pattern.safeParse(accepted).success).toBe(true);
    expect(compileProgram([accepted]).instructions.length).toBeLessThan(2_000);
  });

  test('leaves a bounded number of states behind, however many the stream comes by', () => {
    const { automaton } = compileRules([{ pattern: 'a[ab]{40}c', replacement: '' }]);
    const search = new Search(automaton, 65_536);
    const window = new Window();
    window.push({ data: Buffer.from(unlike(20_000)), arrivedAt: 0, offset: 0, changedBy: [] });
    expect(search.next(window, true)).toBeUndefined();
    expect(automaton.states.count).toBeGreaterThan(100);
    expect(automaton.states.count).toBeLessThan(10_000);
  });
});

test('all cuts of a text are tried', () => {
  expect(everyCut(Buffer.from('abc')).map((pieces) => pieces.map(String))).toEqual([
    ['abc'],
    ['a', 'b', 'c'],
    ['a', 'bc'],
    ['ab', 'c'],
  ]);
});
