import { expect, test } from 'vitest';
import { printable, printableLine } from '../../../src/observe/printable.ts';

test.each([
  ['plain text, Grüße, 日本語, 👍\n\ttoo', 'plain text, Grüße, 日本語, 👍\n\ttoo'],
  ['\x1b[2J\x1b]0;title\x07', String.raw`\u001b[2J\u001b]0;title\u0007`],
  ['over\rwritten', String.raw`over\u000dwritten`],
  ['\x7f\x9b31m', String.raw`\u007f\u009b31m`],
  ['\u202eevil\u2066', String.raw`\u202eevil\u2066`],
  ['\0', String.raw`\u0000`],
])('%j is shown as %j', (text, shown) => {
  expect(printable(text)).toBe(shown);
});

test('JSON stays the JSON that it is', () => {
  const value = { text: 'a\x9bb\u202ec\x7f"\\' };
  expect(JSON.parse(printable(JSON.stringify(value)))).toEqual(value);
});

test('one line stays one', () => {
  expect(printableLine('a\nb')).toBe(String.raw`a\nb`);
});
