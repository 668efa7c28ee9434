import { create, GATES, gate, jsonPatch, merge, type Story, upstream } from '../request.ts';

/** A list that is copied into itself: each copy is as large as all before it. */
function nestedCopies(count: number): object[] {
  const copy = { op: 'copy', from: '/spec/x', path: '/spec/x/-' };
  return [{ op: 'add', path: '/spec/x', value: [1] }, ...Array.from({ length: count }, () => copy)];
}

/** Fields that no gate has. */
function unknown(count: number, length: number): Record<string, number> {
  const name = (index: number) => `u${index}-`.padEnd(length, 'x');
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [name(index), index]));
}

const twice = Array.from({ length: 120 }, () => '"seed":1').join(',');
/** As long as they may be. */
const prefix = ['x', 'y', 'z'].map((letter) => letter.repeat(63)).join('.');
const long = Array.from(
  { length: 4_950 },
  (_, index) => `${prefix}.${'w'.repeat(61)}/f${`${index}`.padEnd(62, 'n')}`,
);

export const bounds: Story[] = [
  {
    name: 'bounds',
    requests: [
      create('an object', gate('a', { upstream }, { annotations: { a: 'b' } })),
      jsonPatch('copies within copies', 'a', nestedCopies(26)),
      jsonPatch('as many copies as may be', 'a', nestedCopies(10)),
      jsonPatch('a few copies', 'a', [
        { op: 'copy', from: '/metadata/annotations/a', path: '/metadata/annotations/c' },
      ]),
      jsonPatch(
        'as many operations as may be',
        'a',
        Array.from({ length: 10_000 }, () => ({ op: 'test', path: '/spec/seed', value: 0 })),
      ),
      jsonPatch(
        'one operation more',
        'a',
        Array.from({ length: 10_001 }, () => ({ op: 'test', path: '/spec/seed', value: 0 })),
      ),
      {
        ...create('more than can be stored', gate('f', { upstream }, { finalizers: long })),
        differs: 'The message for an object that is too large to store differs.',
      },
      create('a few unknown fields', gate('u1', { upstream, ...unknown(30, 60) })),
      create('many unknown fields', gate('u2', { upstream, ...unknown(90, 60) })),
      create('long unknown fields', gate('u3', { upstream, ...unknown(20, 400) })),
      create(
        'one unknown field of 5,000 characters',
        gate('u4', { upstream, ...unknown(1, 5_000) }),
      ),
      create(
        'many unknown fields, strictly',
        gate('u5', { upstream, ...unknown(150, 10) }),
        '?fieldValidation=Strict',
      ),
      merge('many unknown fields in a patch', 'a', { spec: unknown(90, 60) }),
      create(
        'a key 120 times',
        `{"apiVersion":"chaosgate.dev/v1alpha1","kind":"TcpGate","metadata":{"name":"t1"},"spec":{"upstream":{"host":"h","port":1},${twice}}}`,
        '?fieldValidation=Strict',
      ),
      create(
        'unknown fields and one that comes twice',
        `{"apiVersion":"chaosgate.dev/v1alpha1","kind":"TcpGate","metadata":{"name":"t2"},"spec":{"upstream":{"host":"h","port":1},"seed":1,"seed":2,"x":1}}`,
      ),
      { name: 'what is left', method: 'GET', path: `${GATES}/a` },
    ],
  },
];
