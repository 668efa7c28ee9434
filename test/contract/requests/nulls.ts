import {
  apply,
  create,
  GATES,
  gate,
  merge,
  put,
  type Request,
  type Story,
  upstream,
} from '../request.ts';

/** What a template leaves behind where it has nothing to say. */
const EMPTY_METADATA: readonly (readonly [name: string, metadata: object])[] = [
  ['annotations as null', { annotations: null }],
  ['an annotation as null', { annotations: { a: null, b: 'c' } }],
  ['labels as null', { labels: null }],
  ['a label as null', { labels: { a: null, b: 'c' } }],
  ['finalizers as null', { finalizers: null }],
  ['owners as null', { ownerReferences: null }],
  ['no namespace', { namespace: '' }],
  ['a namespace as null', { namespace: null }],
  ['a uid as null', { uid: null }],
  ['no uid', { uid: '' }],
  ['a time as null', { creationTimestamp: null, deletionTimestamp: null }],
  ['a version as null', { resourceVersion: null }],
  ['a generation as null', { generation: null }],
  ['no prefix', { generateName: '' }],
  ['nothing in all of them', { annotations: {}, labels: {}, finalizers: [], ownerReferences: [] }],
  [
    'everything as null',
    { annotations: null, labels: null, finalizers: null, ownerReferences: null },
  ],
];

const EMPTY_SPECS: readonly (readonly [name: string, spec: object])[] = [
  ['a disconnect as null', { disconnect: null }],
  ['a listen as null', { listen: null }],
  ['a port as null', { listen: { port: null } }],
  ['a direction as null', { toServer: null, toClient: null }],
  ['a fault as null', { toClient: { delay: null, drop: {} } }],
  ['a number as null', { toClient: { delay: { milliseconds: 1, jitterMilliseconds: null } } }],
  ['a number that is required as null', { toClient: { delay: { milliseconds: null } } }],
  ['a default as null', { newConnections: null, seed: null }],
  ['a list as null', { toClient: { substitute: null } }],
  ['an item as null', { toClient: { substitute: [null] } }],
];

const objects: readonly (readonly [name: string, object: object])[] = [
  ...EMPTY_METADATA.map(([name, metadata]) => [name, gate('{name}', undefined, metadata)] as const),
  ...EMPTY_SPECS.map(([name, spec]) => [name, gate('{name}', { upstream, ...spec })] as const),
  ['a status as null', { ...gate('{name}'), status: null }],
];

/** The object under a name of its own. */
function named(object: object, name: string): object {
  return JSON.parse(JSON.stringify(object).replace('{name}', name)) as object;
}

function eachWay(way: (title: string, object: object, name: string) => Request): Request[] {
  return objects.map(([title, object], index) => {
    const name = `n${index}`;
    return way(title, named(object, name), name);
  });
}

export const nulls: Story[] = [
  {
    name: 'nulls in what is created',
    requests: eachWay((title, object) => create(title, object)),
  },
  {
    name: 'nulls in what is strictly created',
    requests: eachWay((title, object) => create(title, object, '?fieldValidation=Strict')),
  },
  {
    name: 'nulls in what is applied',
    requests: eachWay((title, object, name) => apply(title, `${name}?fieldManager=one`, object)),
  },
  {
    name: 'nulls over what is there',
    requests: [
      create(
        'an object',
        gate(
          'a',
          {
            upstream,
            toClient: { delay: { milliseconds: 5, jitterMilliseconds: 1 }, drop: {} },
            listen: { port: 7 },
            disconnect: { nonce: '1' },
            seed: 7,
          },
          { annotations: { a: 'b' }, labels: { a: 'b' }, finalizers: ['x.y/z'] },
        ),
      ),
      merge('an annotation to null', 'a', { metadata: { annotations: { a: null } } }),
      merge('labels to null', 'a', { metadata: { labels: null } }),
      merge('a fault to null', 'a', { spec: { toClient: { delay: null } } }),
      merge('faults of a number to null', 'a', { spec: { listen: { port: null }, seed: null } }),
      merge('metadata to null', 'a', { metadata: null }),
      put(
        'replaced by nulls',
        gate(
          'a',
          { upstream, toClient: null, listen: null, disconnect: null, seed: null },
          {
            annotations: null,
            labels: null,
            finalizers: null,
            resourceVersion: '{rv a fault to null}',
          },
        ),
        'a',
      ),
      { name: 'what is left', method: 'GET', path: `${GATES}/a` },
    ],
  },
];
