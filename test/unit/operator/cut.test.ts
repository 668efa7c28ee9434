import { describe, expect, test } from 'vitest';
import { cutTo } from '../../../src/operator/cut.ts';
import { differences } from '../../../src/operator/differences.ts';

const long = (last: string) => `${'x'.repeat(100_000)}${last}`;
const many = (last: string) =>
  Array.from({ length: 10_000 }, (_, at) => ({ name: `${at}${last}` }));

const DESIRED = {
  spec: {
    replicas: 1,
    paused: undefined,
    selector: { app: 'x' },
    ports: [{ name: 'gate', port: 1 }],
    containers: [{ name: 'proxy', image: 'a', env: undefined, args: ['b'] }],
  },
  data: { key: 'k', snapshot: long('') },
};

type Spec = { [name: string]: unknown };

function live(spec: Spec, data: object = {}) {
  const object = JSON.parse(JSON.stringify(DESIRED));
  return { ...object, spec: { ...object.spec, ...spec }, data: { ...object.data, ...data } };
}

const found = (of: unknown) =>
  differences(cutTo(of, DESIRED), cutTo(DESIRED, DESIRED)).map(({ path }) => path.join('.'));

const CHANGES: [string, object, string[]][] = [
  ['nothing', live({}), []],
  ['fields of others', live({ strategy: many('') }), []],
  ['fields of others in an item', live({ ports: [{ name: 'gate', port: 1, nodePort: 2 }] }), []],
  ['a container of others', live({ containers: [...many(''), ...live({}).spec.containers] }), []],
  ['a value', live({ replicas: 2 }), ['spec.replicas']],
  ['a field that must not be', live({ paused: true }), ['spec.paused']],
  ['a long text', live({}, { snapshot: long('y') }), ['data']],
  ['another key', live({}, { more: long('') }), ['data']],
  ['a key that is empty', live({}, { more: '' }), []],
  ['a selector', live({ selector: { app: 'x', more: 'y' } }), ['spec.selector']],
  ['items', live({ ports: [...live({}).spec.ports, ...many('')] }), ['spec.ports']],
  ['too few items', live({ ports: [] }), ['spec.ports']],
  [
    'a list that must not be',
    live({ containers: [{ ...live({}).spec.containers[0], env: many('') }] }),
    ['spec.containers.0.env'],
  ],
  [
    'an item behind one of others',
    live({ containers: [{ name: 'other' }, { name: 'proxy', image: long(''), args: ['b'] }] }),
    ['spec.containers.1.image'],
  ],
];

describe('cut to what is desired', () => {
  test.each(CHANGES.filter(([what]) => what !== 'a container of others'))(
    'an object shows the same differences: %s',
    (_, object, paths) => {
      expect(found(object)).toEqual(paths);
      expect(differences(object, DESIRED).map(({ path }) => path.join('.'))).toEqual(paths);
    },
  );

  test.each(CHANGES)('an object is small, and cut again the same: %s', (_, object) => {
    const cut = cutTo(object, DESIRED);
    expect(JSON.stringify(cut).length).toBeLessThan(2_000);
    expect(cutTo(cut, DESIRED)).toEqual(cut);
  });

  test.each([
    ['a long text', (last: string) => live({}, { snapshot: long(last) })],
    ['items', (last: string) => live({ ports: [...live({}).spec.ports, ...many(last)] })],
    ['other keys', (last: string) => live({}, { a: 'b', more: long(last) })],
  ])('another change is another difference: %s', (_, change) => {
    const values = ['a', 'b'].map((last) => differences(cutTo(change(last), DESIRED), DESIRED));
    expect(values[0]).not.toEqual(values[1]);
  });
});
