import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseYaml } from '../../../src/yaml/read.ts';
import { writeYaml } from '../../../src/yaml/write.ts';
import { SCALARS } from './table.ts';

test('what is written is read as it was', () => {
  const part = fc.constantFrom(
    ...'0123789_.+-eExXbBoOaAyYnN~:# \n"\'<[{!&*%@|>'.split(''),
    'yes',
    'inf',
  );
  const text = fc.oneof(
    fc.constant('<<'),
    fc.constantFrom(...SCALARS.map(([scalar]) => scalar)),
    fc.array(part, { maxLength: 8 }).map((parts) => parts.join('')),
    fc.string({ unit: 'binary' }),
  );
  const leaf = fc.oneof(
    text,
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.boolean(),
    fc.constant(null),
  );
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      leaf,
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(
        text.filter((key) => key !== '__proto__'),
        tie('value'),
        { maxKeys: 4 },
      ),
    ),
  }));
  fc.assert(
    fc.property(value, (written) => {
      // -0 is 0 in JSON.
      const expected: unknown = JSON.parse(JSON.stringify(written));
      expect(parseYaml(writeYaml(written)).value).toEqual(expected);
    }),
    { numRuns: 2_000 },
  );
});

test('a key that would merge another map is quoted', () => {
  expect(writeYaml({ '<<': ['<<'] })).toBe('"<<":\n  - "<<"\n');
});

test.each([
  ' \n',
  '  \n',
  '\n \n',
  ' \n\n',
  'a\n \nb',
  ' \na',
  'a\n ',
  ' 0\n',
  '\n a\n',
  ' a\n  b',
])('the spaces of each line are kept: %j', (text) => {
  for (const value of [text, [text], { a: [text], [text]: 1 }]) {
    expect(parseYaml(writeYaml(value)).value).toEqual(value);
  }
});
