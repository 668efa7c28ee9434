import { describe, expect, test } from 'vitest';
import { ageText } from '../../../src/schema/age.ts';
import { compileColumnPath } from '../../../src/schema/columnPath.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

test.each([
  [0, '0s'],
  [119 * SECOND, '119s'],
  [2 * MINUTE, '2m'],
  [5 * MINUTE + 30 * SECOND, '5m30s'],
  [10 * MINUTE + 30 * SECOND, '10m'],
  [179 * MINUTE, '179m'],
  [3 * HOUR + 20 * MINUTE, '3h20m'],
  [9 * HOUR + 20 * MINUTE, '9h'],
  [47 * HOUR, '47h'],
  [2 * DAY + 5 * HOUR, '2d5h'],
  [8 * DAY + 5 * HOUR, '8d'],
  [400 * DAY, '400d'],
  [800 * DAY, '2y70d'],
  [9 * 365 * DAY + DAY, '9y'],
  [-500, '0s'],
  [-10 * SECOND, '<invalid>'],
])('%i ms ago is %s', (ago, text) => {
  const now = Date.parse('2026-01-01T00:00:00Z');
  expect(ageText(new Date(now - ago).toISOString(), now)).toBe(text);
});

test('no time is no age', () => {
  expect(ageText('', 0)).toBe('<unknown>');
});

describe('a path of a printer column', () => {
  const object = { status: { conditions: [{ type: 'Ready', status: 'True' }], faults: 'none' } };

  test('finds fields, and items by a field', () => {
    expect(compileColumnPath('.status.faults')(object)).toBe('none');
    expect(compileColumnPath('.status.conditions[?(@.type=="Ready")].status')(object)).toBe('True');
    expect(
      compileColumnPath('.status.conditions[?(@.type=="Other")].status')(object),
    ).toBeUndefined();
    expect(compileColumnPath('.spec.upstream.host')(object)).toBeUndefined();
    expect(compileColumnPath('.status.constructor')(object)).toBeUndefined();
  });

  test('with anything else in it is refused at once', () => {
    expect(() => compileColumnPath('.status.conditions[*].type')).toThrow('[*].type');
    expect(() => compileColumnPath('status')).toThrow('status');
  });
});
