import { RE2JS } from 're2js';
import { z } from 'zod';
import { cel, withRules } from '../../schema.ts';
import { CLASS, inRunes, QUOTED } from './runes.ts';

const { raw } = String;

/** These regular expressions mean the same in JavaScript and in RE2. */
const ASCII = raw`^[ -~]*$`;
/** Where a parenthesis does not open a numbered group. */
const NO_GROUP = raw`${QUOTED}|\\.|${CLASS}|\(\?[^P<]`;
/** `\p`, `\P`, and code points beyond one byte. */
const BEYOND_BYTES = raw`^(?:[^\\]|${QUOTED}|\\[^Q])*\\(?:[pP]|x\{0*[1-9A-Fa-f][0-9A-Fa-f]{2,}|[4-7][0-7]{2})`;

/** Counts in braces, by the largest value each form can have: reading the number exceeds the CEL cost limit of Kubernetes 1.29. */
const COUNTS: readonly (readonly [most: number, digits: string])[] = [
  [4, '[1-4]'],
  [9, '[5-9]'],
  [19, '1[0-9]'],
  [49, '[2-4][0-9]'],
  [99, '[5-9][0-9]'],
  [1_000, '[0-9]{3,4}'],
];
const ANY_COUNT = '[1-9][0-9]*';
const counted = (digits: string, behind = '') => raw`${behind}\{(?:[0-9]+,)?${digits},?\}`;

/** Positions that a pattern may have with its repetitions expanded: each costs memory, and time per byte. */
const MOST_PLACES = 1_000;

const celCount = (expression: string) => `self.findAll(${cel(expression)}).size()`;
const celSum = (behind = '') =>
  COUNTS.map(([most, digits]) => `${most} * ${celCount(counted(digits, behind))}`).join(' + ');

const countedGroups = counted(ANY_COUNT, raw`\)`);
const celFactor = `(${celCount(countedGroups)} == 2 ? times * times / 4 : times == 0 ? 1 : times)`;

/** A regular expression over bytes, in the syntax of RE2 (https://github.com/google/re2/wiki/Syntax). */
export const pattern = withRules(
  z
    .string()
    .min(1)
    .max(512)
    .describe(
      'Regular expression in RE2 syntax, over bytes. Use printable ASCII: write any other byte as \\xHH, and a character outside ASCII as the bytes of its UTF-8. (?i) folds ASCII letters only. ^ and \\A match the start of the stream, $ and \\z its end; with (?m), ^ and $ also match at line breaks. With its repetitions expanded, it may have about 1000 positions.',
    ),
  [
    {
      cel: `self.matches(${cel(ASCII)})`,
      holds: (text) => new RegExp(ASCII).test(text),
      message:
        'pattern must be printable ASCII: write any other byte as \\xHH, and a character outside ASCII as the bytes of its UTF-8',
    },
    {
      cel: `!self.matches(${cel(BEYOND_BYTES)})`,
      holds: (text) => !new RegExp(BEYOND_BYTES).test(text),
      message:
        'pattern matches bytes: \\p, \\P and code points above FF never match one, so use \\xHH or a class of bytes',
    },
    {
      cel: `${celCount(countedGroups)} <= 2 && [${celSum(raw`\)`)}].all(times, ${celFactor} * (self.size() + ${celSum()}) <= ${MOST_PLACES})`,
      holds: (text) => places(text) <= MOST_PLACES,
      message:
        'pattern is too large: keep counted repetitions at 99 or less and counted groups at two or less, shorten what they repeat, or use * or +',
    },
    {
      // Not `|| true`, which would swallow the error of an invalid expression.
      cel: `''.matches(self) ? true : true`,
      // A pattern that is too large is not even compiled.
      holds: (text) => places(text) > MOST_PLACES || groupCount(text) !== undefined,
      message:
        'pattern must be a regular expression in RE2 syntax, which has no look-around and no backreferences',
    },
  ],
);

/** How many groups a pattern has that can be referred to, in CEL. */
export function celGroupCount(field: string): string {
  const count = (expression: string) => `${field}.findAll(${cel(expression)}).size()`;
  return `${count(raw`${NO_GROUP}|\(`)} - ${count(NO_GROUP)}`;
}

/** @throws Error when it is no regular expression */
export function compilePattern(text: string): RE2JS {
  return RE2JS.compile(inRunes(text));
}

/** Patterns whose groups are known without compiling them again: a gate has up to 16. A megabyte at most. */
const MOST_KNOWN = 1_024;
const known = new Map<string, number | undefined>();

/** How many groups a pattern has that can be referred to; undefined when it is no regular expression. */
export function groupCount(text: string): number | undefined {
  const count = known.has(text) ? known.get(text) : compiledGroupCount(text);
  // What was asked for last is the last one to go.
  known.delete(text);
  known.set(text, count);
  if (known.size > MOST_KNOWN) known.delete(known.keys().next().value ?? '');
  return count;
}

function compiledGroupCount(text: string): number | undefined {
  try {
    return compilePattern(text).groupCount();
  } catch {
    return undefined;
  }
}

/** An upper bound of its positions. Two groups may be nested. */
function places(text: string): number {
  const count = (expression: string) => text.match(new RegExp(expression, 'g'))?.length ?? 0;
  const sum = (behind = '') =>
    COUNTS.reduce((total, [most, digits]) => total + most * count(counted(digits, behind)), 0);
  const groups = count(countedGroups);
  const times = sum(raw`\)`);
  if (groups > 2) return Number.POSITIVE_INFINITY;
  const factor = groups === 2 ? Math.floor((times * times) / 4) : Math.max(1, times);
  return factor * (text.length + sum());
}
