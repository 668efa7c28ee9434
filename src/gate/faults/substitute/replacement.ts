import { z } from 'zod';
import { cel, withRules } from '../../schema.ts';

const { raw } = String;

/** Regular expressions, written so that they mean the same in JavaScript and in RE2. */
const ASCII = raw`^[ -~]*$`;
const ESCAPED = raw`^(?:[^\\]|\\[\\0-9nrt]|\\x[0-9A-Fa-f]{2})*$`;

/** The replacement of a match: bytes, and references to groups in RE2 syntax. */
export const replacement = withRules(
  z
    .string()
    .max(1_024)
    .describe(
      'Text that replaces the match, in printable ASCII. \\1 to \\9 insert what that group matched, and \\0 the whole match. \\xHH is any byte; \\n, \\r, \\t and \\\\ mean the same as in the pattern. All other characters, including $, are literal. If empty, matches are removed.',
    ),
  [
    {
      cel: `self.matches(${cel(ASCII)})`,
      holds: (text) => new RegExp(ASCII).test(text),
      message:
        'replacement must be printable ASCII: write any other byte as \\xHH, and a character outside ASCII as the bytes of its UTF-8',
    },
    {
      cel: `self.matches(${cel(ESCAPED)})`,
      holds: (text) => new RegExp(ESCAPED).test(text),
      message:
        'replacement may contain a backslash only in \\0 to \\9 (groups), \\xHH, \\n, \\r, \\t and \\\\',
    },
  ],
);

/** Whether it refers to no group beyond `count`, in CEL. */
export function celRefersWithin(field: string, count: string): string {
  const refers = (group: number) => `${field}.matches(${cel(raw`^(?:[^\\]|\\.)*\\${group}`)})`;
  return Array.from({ length: 9 }, (_, index) => index + 1)
    .map((group) => `(${count} >= ${group} || !${refers(group)})`)
    .join(' && ');
}

/** A run of bytes, or the number of a group. */
type Part = Buffer | number;

export type Template = readonly Part[];

const CONTROLS: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };

/** Takes a replacement apart that the schema has let pass. */
export function parseReplacement(text: string): Template {
  const pieces = text.match(/\\x..|\\.|[^\\]+/g) ?? [];
  return pieces.map((piece) => {
    if (!piece.startsWith('\\')) return Buffer.from(piece, 'latin1');
    if (piece.startsWith('\\x')) return Buffer.from(piece.slice(2), 'hex');
    const sign = piece.slice(1);
    return /\d/.test(sign) ? Number(sign) : Buffer.from(CONTROLS[sign] ?? sign, 'latin1');
  });
}

/** Highest group that it refers to; 0 for none. */
export function highestGroup(template: Template): number {
  return Math.max(0, ...template.map((part) => (typeof part === 'number' ? part : 0)));
}

/** The bytes that replace a match, in parts: what a group matched is copied once, however often it occurs. */
export function fill(template: Template, group: (number: number) => Buffer): Buffer[] {
  const copies = new Map<number, Buffer>();
  return template.map((part) => {
    if (typeof part !== 'number') return part;
    const copy = copies.get(part) ?? Buffer.from(group(part));
    copies.set(part, copy);
    return copy;
  });
}
