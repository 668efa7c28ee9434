import { compilePattern } from '../../../../src/gate/faults/substitute/pattern.ts';
import { fill, parseReplacement } from '../../../../src/gate/faults/substitute/replacement.ts';
import { runeOf } from '../../../../src/gate/faults/substitute/runes.ts';

export interface Rule {
  readonly pattern: string;
  readonly replacement: string;
}

/** What re2js makes of the whole stream at once, by the loop of Go's Regexp.ReplaceAll. */
export function replacedAtOnce(rules: readonly Rule[], data: Buffer): Buffer {
  const matcher = compilePattern(rules.map(({ pattern }) => `(${pattern})`).join('|')).matcher(
    Array.from(data, (byte) => String.fromCharCode(runeOf(byte))).join(''),
  );
  const group = (number: number): Buffer =>
    matcher.start(number) < 0
      ? Buffer.alloc(0)
      : data.subarray(matcher.start(number), matcher.end(number));
  const parts: Buffer[] = [];
  let lastEnd = -1;
  let at = 0;
  while (at <= data.length && matcher.find(at)) {
    const start = matcher.start(0);
    const end = matcher.end(0);
    parts.push(data.subarray(Math.max(0, lastEnd), start));
    if (end > start || end !== lastEnd) {
      const { first, replacement } = taken(rules, (number) => matcher.start(number) >= 0);
      parts.push(...fill(parseReplacement(replacement), (number) => group(first + number)));
    }
    lastEnd = end;
    at = end > start ? end : end + 1;
  }
  return Buffer.concat([...parts, data.subarray(Math.max(0, lastEnd))]);
}

/** The rule whose own group took part, and the number of that group. */
function taken(rules: readonly Rule[], tookPart: (group: number) => boolean) {
  let first = 1;
  for (const { pattern, replacement } of rules) {
    if (tookPart(first)) return { first, replacement };
    first += 1 + compilePattern(pattern).groupCount();
  }
  throw new Error('a match of no rule');
}

/** The same bytes in pieces that end at the given places. */
export function cut(data: Buffer, places: readonly number[]): Buffer[] {
  const sorted = [0, ...places.map((place) => place % (data.length + 1)), data.length];
  sorted.sort((a, b) => a - b);
  return sorted
    .slice(1)
    .map((end, index) => data.subarray(sorted[index], end))
    .filter(({ length }) => length > 0);
}

/** Whole, byte by byte, and in two pieces at every place. */
export function everyCut(data: Buffer): Buffer[][] {
  const places = Array.from({ length: data.length }, (_, place) => place);
  return [[data], cut(data, places), ...places.slice(1).map((place) => cut(data, [place]))];
}
