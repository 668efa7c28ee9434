import { apply, create, GATES, gate, merge, put, read, type Story, upstream } from '../request.ts';

const fault = { toClient: { delay: { milliseconds: 300 } } };

export const applies: Story[] = [
  {
    name: 'server-side apply',
    requests: [
      apply('without a manager', 'a', gate('a')),
      apply('creates', 'a?fieldManager=one', gate('a', { upstream, ...fault })),
      apply('the same again', 'a?fieldManager=one', gate('a', { upstream, ...fault })),
      apply('another manager agrees', 'a?fieldManager=two', gate('a', { upstream })),
      apply(
        'another manager disagrees',
        'a?fieldManager=two',
        gate('a', { upstream, toClient: { delay: { milliseconds: 500 } } }),
      ),
      apply(
        'another manager forces',
        'a?fieldManager=two&force=true',
        gate('a', { upstream, toClient: { delay: { milliseconds: 500 } } }),
      ),
      apply('the first lets go', 'a?fieldManager=one', gate('a', { upstream })),
      apply('the second lets go', 'a?fieldManager=two', gate('a', { upstream })),
      apply(
        'two conflicts',
        'a?fieldManager=three',
        gate('a', { upstream: { host: 'other', port: 1 } }),
      ),
      merge('an update takes over', 'a?fieldManager=four', { spec: { upstream: { port: 9 } } }),
      apply('a conflict with an update', 'a?fieldManager=one', gate('a', { upstream })),
      apply(
        'two managers conflict',
        'a?fieldManager=three',
        gate('a', { upstream: { host: 'other', port: 1 } }),
      ),
      apply('labels', 'a?fieldManager=labels', {
        apiVersion: 'chaosgate.dev/v1alpha1',
        kind: 'TcpGate',
        metadata: { name: 'a', labels: { a: 'b' }, annotations: { c: 'd' }, finalizers: ['x.y/z'] },
      }),
      apply('other labels', 'a?fieldManager=labels', {
        apiVersion: 'chaosgate.dev/v1alpha1',
        kind: 'TcpGate',
        metadata: { name: 'a', labels: { e: 'f' } },
      }),
      apply('a label conflict', 'a?fieldManager=labels2', {
        apiVersion: 'chaosgate.dev/v1alpha1',
        kind: 'TcpGate',
        metadata: { name: 'a', labels: { e: 'g' } },
      }),
      apply('nothing of its own', 'a?fieldManager=labels', {
        apiVersion: 'chaosgate.dev/v1alpha1',
        kind: 'TcpGate',
        metadata: { name: 'a' },
      }),
      apply('dry', 'a?fieldManager=dry&dryRun=All&force=true', gate('a', { upstream, seed: 5 })),
      apply('dry creation', 'dry?fieldManager=dry&dryRun=All', gate('dry', { upstream, seed: 5 })),
      apply(
        'invalid',
        'a?fieldManager=one&force=true',
        gate('a', { upstream: { host: 'x', port: 0 } }),
      ),
      apply(
        'of a wrong type',
        'a?fieldManager=one&force=true',
        gate('a', { upstream: { host: 'x', port: 'y' } }),
      ),
      apply('of a wrong shape', 'a?fieldManager=one&force=true', gate('a', { upstream: 'x' })),
      apply(
        'with an unknown field',
        'a?fieldManager=one&force=true',
        gate('a', { upstream, foo: 1 }),
      ),
      apply(
        'with an unknown field, strict',
        'a?fieldManager=one&force=true&fieldValidation=Strict',
        gate('a', { upstream, foo: 1 }),
      ),
      apply('with another name', 'a?fieldManager=one', gate('b')),
      apply('without a name', 'a?fieldManager=one', {
        apiVersion: 'chaosgate.dev/v1alpha1',
        kind: 'TcpGate',
        metadata: {},
      }),
      apply('of another kind', 'a?fieldManager=one', { ...gate('a'), kind: 'Pod' }),
      apply('of another version', 'a?fieldManager=one', {
        ...gate('a'),
        apiVersion: 'chaosgate.dev/v1',
      }),
      apply('without a kind', 'a?fieldManager=one', { metadata: { name: 'a' }, spec: { seed: 1 } }),
      apply(
        'with managed fields',
        'a?fieldManager=one',
        gate('a', { upstream }, { managedFields: [{ manager: 'x' }] }),
      ),
      apply(
        'with another uid',
        'a?fieldManager=one&force=true',
        gate('a', { upstream }, { uid: 'x' }),
      ),
      apply('with a uid, to create', 'z?fieldManager=one', gate('z', { upstream }, { uid: 'x' })),
      apply(
        'with an old version',
        'a?fieldManager=one&force=true',
        gate('a', { upstream }, { resourceVersion: '{rv creates}' }),
      ),
      apply('with a status', 'a?fieldManager=one&force=true', {
        ...gate('a', { upstream }),
        status: { faults: 'x' },
      }),
      apply(
        'as YAML',
        'a?fieldManager=one&force=true',
        'apiVersion: chaosgate.dev/v1alpha1\nkind: TcpGate\nmetadata:\n  name: a\nspec:\n  seed: 7 # comment\n  upstream: {host: "yes", port: 0x10}\n',
      ),
      {
        ...apply('as bad YAML', 'a?fieldManager=one', 'a: [b'),
        differs: 'Messages about invalid YAML come from another library.',
      },
      apply(
        'twice the same key',
        'a?fieldManager=one',
        'apiVersion: chaosgate.dev/v1alpha1\nkind: TcpGate\nmetadata: {name: a}\nspec: {seed: 1, seed: 2, upstream: {host: a, port: 1}}\n',
      ),
      apply(
        'twice the same key, strict',
        'a?fieldManager=one&fieldValidation=Strict',
        'apiVersion: chaosgate.dev/v1alpha1\nkind: TcpGate\nmetadata: {name: a}\nspec: {seed: 1, seed: 2, upstream: {host: a, port: 1}}\n',
      ),
      apply('a list', 'a?fieldManager=one', '[]'),
      apply('empty', 'a?fieldManager=one', ''),
      apply(
        'many documents',
        'a?fieldManager=one&force=true',
        'apiVersion: chaosgate.dev/v1alpha1\nkind: TcpGate\nmetadata: {name: a}\nspec: {seed: 1, upstream: {host: a, port: 1}}\n---\nkind: Foo\n',
      ),
      apply('null lifts', 'a?fieldManager=one&force=true', gate('a', { upstream, toClient: null })),
      apply(
        'an empty fault',
        'a?fieldManager=one&force=true',
        gate('a', { upstream, toClient: { drop: {} } }),
      ),
      apply(
        'a fault without it',
        'a?fieldManager=one&force=true',
        gate('a', { upstream, toClient: {} }),
      ),
      apply('null for nothing', 'a?fieldManager=nulls', gate('a', { disconnect: null })),
      apply('null for what another owns', 'a?fieldManager=nulls', gate('a', { toServer: null })),
      apply('null for a value', 'a?fieldManager=nulls&force=true', gate('a', { seed: null })),
      apply(
        'undeclared where nothing is declared',
        'a?fieldManager=free',
        gate('a', { toServer: { stall: { x: 1 } } }),
      ),
      apply('creates without a name', 'nameless?fieldManager=one', {
        apiVersion: 'chaosgate.dev/v1alpha1',
        kind: 'TcpGate',
        metadata: {},
        spec: { upstream },
      }),
      apply('creates under another name', 'other?fieldManager=one', gate('another')),
      apply('creates nothing', 'empty?fieldManager=one', {
        apiVersion: 'chaosgate.dev/v1alpha1',
        kind: 'TcpGate',
        metadata: { name: 'empty' },
      }),
      apply(
        'creates with finalizers',
        'f?fieldManager=one',
        gate('f', { upstream }, { finalizers: ['x.y/z'], labels: { a: '' }, annotations: {} }),
      ),
      read('in the end', `${GATES}/a`),
    ],
  },
  {
    name: 'apply after create',
    requests: [
      create(
        'a gate',
        gate('a', { upstream, ...fault }, { labels: { a: 'b' } }),
        '?fieldManager=creator',
      ),
      apply(
        'a conflict',
        'a?fieldManager=one',
        gate(
          'a',
          { upstream: { host: 'x', port: 1 }, toClient: { delay: { milliseconds: 1 } } },
          { labels: { a: 'c' } },
        ),
      ),
      apply(
        'forced',
        'a?fieldManager=one&force=true',
        gate(
          'a',
          { upstream: { host: 'x', port: 1 }, toClient: { delay: { milliseconds: 1 } } },
          { labels: { a: 'c' } },
        ),
      ),
      apply('less', 'a?fieldManager=one', gate('a', { upstream: { host: 'x', port: 1 } })),
      put(
        'replaced',
        gate('a', { upstream: { host: 'y', port: 1 } }, { resourceVersion: '{rv less}' }),
        'a?fieldManager=putter',
      ),
      read('in the end', `${GATES}/a`),
    ],
  },
  {
    name: 'apply over kubectl',
    requests: [
      create(
        'client side',
        gate(
          'a',
          { upstream, seed: 1 },
          {
            annotations: {
              'kubectl.kubernetes.io/last-applied-configuration': `${JSON.stringify({ apiVersion: 'chaosgate.dev/v1alpha1', kind: 'TcpGate', metadata: { annotations: {}, name: 'a', namespace: '{ns}' }, spec: { upstream, seed: 1 } })}\n`,
            },
          },
        ),
        '?fieldManager=kubectl-client-side-apply',
      ),
      apply('by another', 'a?fieldManager=other', gate('a', { upstream, seed: 2 })),
      apply('server side', 'a?fieldManager=kubectl', gate('a', { upstream, seed: 2 })),
      apply('server side again', 'a?fieldManager=kubectl', gate('a', { upstream })),
    ],
  },
];
