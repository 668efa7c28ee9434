import { describe, expect, test } from 'vitest';
import { parseFieldSelector } from '../../../src/kubeapi/store/fieldSelector.ts';
import { parseLabelSelector } from '../../../src/kubeapi/store/labelSelector.ts';

const labels = { app: 'x', tier: '5', empty: '' };

describe('a label selector', () => {
  test.each([
    ['', true],
    ['app', true],
    ['!app', false],
    ['!nothing', true],
    ['nothing', false],
    ['app=x', true],
    ['app==x', true],
    ['app = x , tier = 5', true],
    ['app!=x', false],
    ['nothing!=x', true],
    ['app in (x, y)', true],
    ['app in (y)', false],
    ['app notin (y)', true],
    ['nothing notin (y)', true],
    ['tier>4', true],
    ['tier<4', false],
    ['app>4', false],
    ['empty=', true],
    ['empty in ()', true],
    ['app=', false],
    ['a.b/c=d', false],
  ])('%s: %s', (text, matches) => {
    expect(parseLabelSelector(text)(labels)).toBe(matches);
  });

  test.each([
    'a b',
    '=x',
    'a in',
    'a in (',
    'a in (b',
    'a=b=c',
    'a,',
    ',',
    '!',
    '-a=b',
    'a=-b',
    'a>x',
    'a/b/c',
  ])('is refused: %s', (text) => {
    expect(() => parseLabelSelector(text)).toThrow('unable to parse requirement');
  });
});

describe('a field selector', () => {
  const known = ['metadata.name', 'type'];
  const fields = { 'metadata.name': 'a', type: 'x,y=z' };

  test.each([
    ['', true],
    ['metadata.name=a', true],
    ['metadata.name==a', true],
    ['metadata.name!=a', false],
    ['metadata.name=a,type!=Normal', true],
    ['type=x\\,y=z', true],
    ['metadata.name=', false],
  ])('%s: %s', (text, matches) => {
    expect(parseFieldSelector(text, known)(fields)).toBe(matches);
  });

  test('is refused when it is none, or of a field that is none', () => {
    expect(() => parseFieldSelector('a', known)).toThrow("can't understand 'a'");
    expect(() => parseFieldSelector('spec.seed=1', known)).toThrow(
      'field label not supported: spec.seed',
    );
  });
});
