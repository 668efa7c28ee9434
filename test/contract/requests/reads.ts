import {
  create,
  GATES,
  gate,
  merge,
  type Request,
  read,
  remove,
  type Story,
  TABLE,
} from '../request.ts';

const ALL = '/apis/chaosgate.dev/v1alpha1/tcpgates';
const METADATA = {
  accept: 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io,application/json',
};
const METADATA_LIST = {
  accept: 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json',
};

const names = (body: { items?: { metadata: { name: string } }[]; metadata: object }) =>
  body.items === undefined
    ? body
    : { ...body, items: body.items.map(({ metadata }) => metadata.name) };

function list(name: string, query: string): Request {
  return { ...read(name, `${GATES}?${query}`), pick: names };
}

export const reads: Story[] = [
  {
    name: 'read',
    requests: [
      read('an empty list', GATES),
      read('an empty table', GATES, TABLE),
      create('a', gate('a', undefined, { labels: { app: 'x', tier: 'one' } })),
      create('b', gate('b', undefined, { labels: { app: 'y' } })),
      create('c', gate('c')),
      read('one', `${GATES}/a`),
      read('one as a table', `${GATES}/a`, TABLE),
      read('one as a table without objects', `${GATES}/a?includeObject=None`, TABLE),
      read('one as a table with the object', `${GATES}/a?includeObject=Object`, TABLE),
      read('one as a table with nonsense', `${GATES}/a?includeObject=Some`, TABLE),
      read('one as metadata', `${GATES}/a`, METADATA),
      read('one that is not there', `${GATES}/z`),
      read('one that is not there as a table', `${GATES}/z`, TABLE),
      read('one from a version', `${GATES}/a?resourceVersion=0`),
      read('a list', GATES),
      read('a table', GATES, TABLE),
      read('metadata', GATES, METADATA_LIST),
      read('one metadata of a list', GATES, METADATA),
      read('an old table', `${GATES}/a`, {
        accept: 'application/json;as=Table;v=v1beta1;g=meta.k8s.io',
      }),
      read('something odd', `${GATES}/a`, {
        accept: 'application/json;as=Chair;v=v1;g=meta.k8s.io',
      }),
      read('something odd or plain', `${GATES}/a`, {
        accept: 'application/json;as=Chair;v=v1;g=meta.k8s.io,application/json',
      }),
      {
        ...read('protobuf or JSON', `${GATES}/a`, {
          accept: 'application/vnd.kubernetes.protobuf,application/json',
        }),
        pick: (body: { kind: string }) => body.kind,
      },
      read('YAML', `${GATES}/a`, { accept: 'application/yaml' }),
      list('equal', 'labelSelector=app%3Dx'),
      list('equal twice', 'labelSelector=app%3D%3Dx,tier%3Done'),
      list('unequal', 'labelSelector=app!%3Dx'),
      list('in', 'labelSelector=app%20in%20(x,y)'),
      list('not in', 'labelSelector=app%20notin%20(x)'),
      list('exists', 'labelSelector=app'),
      list('does not exist', 'labelSelector=!app'),
      list('greater', 'labelSelector=app%3E3'),
      list('an empty value', 'labelSelector=app%3D'),
      list('a bad selector', 'labelSelector=a%20b'),
      list('a bad selector value', 'labelSelector=a%3D-b-'),
      list('a bad selector key', 'labelSelector=-a%3Db'),
      list('an unclosed selector', 'labelSelector=a%20in%20(b'),
      list('by name', 'fieldSelector=metadata.name%3Da'),
      list('by another name', 'fieldSelector=metadata.name!%3Da'),
      list('by namespace', 'fieldSelector=metadata.namespace%3D{ns}'),
      list('by another namespace', 'fieldSelector=metadata.namespace%3Dx'),
      list('by a field that is none', 'fieldSelector=spec.seed%3D0'),
      list('by nonsense', 'fieldSelector=nonsense'),
      list('one page', 'limit=2'),
      list('a limit that is none', 'limit=x'),
      list('the next page', 'limit=2&continue={continue one page}'),
      list('a page of one', 'limit=1&labelSelector=app'),
      {
        ...list('the next one', 'limit=1&labelSelector=app&continue={continue a page of one}'),
        differs:
          'The last page is marked as the last; a real server may return an empty page instead.',
      },
      {
        ...list('a bad token', 'limit=2&continue=nonsense'),
        differs: 'Tokens are opaque: errors inside a continue token are not explained.',
      },
      list('at any version', 'resourceVersion=0'),
      list('not older than a version', 'resourceVersion={rv a}&resourceVersionMatch=NotOlderThan'),
      list('exactly at a version', 'resourceVersion={rv a}&resourceVersionMatch=Exact'),
      list('exactly at the second', 'resourceVersion={rv b}&resourceVersionMatch=Exact'),
      list('exactly at no version', 'resourceVersion=0&resourceVersionMatch=Exact'),
      list('a match without a version', 'resourceVersionMatch=Exact'),
      list('a match that is none', 'resourceVersion=1&resourceVersionMatch=Roughly'),
      list('a version that is none', 'resourceVersion=x'),
      list('of the future', 'resourceVersion=9000000000000000000'),
      list('initial events without a watch', 'sendInitialEvents=true'),
      {
        ...read('of all namespaces', `${ALL}?fieldSelector=metadata.namespace%3D{ns}`),
        pick: names,
      },
      read('one of all namespaces', `${ALL}/a`),
      { name: 'create in all namespaces', method: 'POST', path: ALL, body: gate('z') },
      {
        ...read(
          'of an empty namespace',
          '/apis/chaosgate.dev/v1alpha1/namespaces/nobody-is-here/tcpgates',
        ),
        pick: names,
      },
      { name: 'options', method: 'OPTIONS', path: GATES },
      { name: 'delete in all namespaces', method: 'DELETE', path: ALL },
      { ...read('with a wrong token', `${GATES}/a`), headers: { authorization: 'Bearer wrong' } },
    ],
  },
  {
    name: 'watch',
    requests: [
      create('a', gate('a', undefined, { labels: { app: 'x' } })),
      merge('a changed', 'a', { spec: { seed: 1 } }),
      merge('a relabelled', 'a', { metadata: { labels: { app: 'y' } } }),
      create('b', gate('b')),
      remove('b gone', '/b'),
      read('from the first', `${GATES}?watch=true&resourceVersion={rv a}&timeoutSeconds=1`),
      read('from nothing', `${GATES}?watch=1&timeoutSeconds=1`),
      read('from zero', `${GATES}?watch=true&resourceVersion=0&timeoutSeconds=1`),
      read(
        'with a label',
        `${GATES}?watch=true&resourceVersion={rv a}&labelSelector=app%3Dx&timeoutSeconds=1`,
      ),
      read(
        'with another label',
        `${GATES}?watch=true&resourceVersion={rv a}&labelSelector=app%3Dy&timeoutSeconds=1`,
      ),
      read(
        'with a name',
        `${GATES}?watch=true&resourceVersion={rv a}&fieldSelector=metadata.name%3Db&timeoutSeconds=1`,
      ),
      read('as a table', `${GATES}?watch=true&resourceVersion={rv a}&timeoutSeconds=1`, TABLE),
      read(
        'as a table with objects',
        `${GATES}?watch=true&resourceVersion={rv a}&timeoutSeconds=1&includeObject=Object`,
        TABLE,
      ),
      read('as metadata', `${GATES}?watch=true&resourceVersion={rv a}&timeoutSeconds=1`, METADATA),
      { ...read('from too long ago', `${GATES}?watch=true&resourceVersion=1&timeoutSeconds=1`) },
      read('from a version that is none', `${GATES}?watch=true&resourceVersion=x&timeoutSeconds=1`),
      read(
        'initial events',
        `${GATES}?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&timeoutSeconds=1`,
      ),
      read(
        'initial events from a version',
        `${GATES}?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&resourceVersion={rv a}&allowWatchBookmarks=true&timeoutSeconds=1`,
      ),
      read(
        'initial events as a table',
        `${GATES}?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&timeoutSeconds=1`,
        TABLE,
      ),
      read(
        'no initial events',
        `${GATES}?watch=true&sendInitialEvents=false&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&timeoutSeconds=1`,
      ),
      read(
        'initial events without a match',
        `${GATES}?watch=true&sendInitialEvents=true&timeoutSeconds=1`,
      ),
      read(
        'initial events without bookmarks',
        `${GATES}?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&timeoutSeconds=1`,
      ),
      read(
        'a match without initial events',
        `${GATES}?watch=true&resourceVersion=0&resourceVersionMatch=NotOlderThan&timeoutSeconds=1`,
      ),
      read('a timeout that is none', `${GATES}?watch=true&timeoutSeconds=x`),
      read('a bad selector', `${GATES}?watch=true&labelSelector=a%20b&timeoutSeconds=1`),
      read('a field that is none', `${GATES}?watch=true&fieldSelector=a%3Db&timeoutSeconds=1`),
      {
        ...read('one by its path', `${GATES}/a?watch=true&timeoutSeconds=1`),
        pick: (body: { kind?: string }) => body.kind,
      },
      read(
        'the old way',
        '/apis/chaosgate.dev/v1alpha1/watch/namespaces/{ns}/tcpgates?timeoutSeconds=1',
      ),
      read('for YAML', `${GATES}?watch=true&resourceVersion={rv a}&timeoutSeconds=1`, {
        accept: 'application/yaml',
      }),
      {
        ...read('for protobuf', `${GATES}?watch=true&resourceVersion={rv a}&timeoutSeconds=1`, {
          accept: 'application/vnd.kubernetes.protobuf;stream=watch',
        }),
        differs: 'Nothing is sent as protobuf: the error is JSON.',
      },
      read('for a stream of JSON', `${GATES}?watch=true&resourceVersion={rv b}&timeoutSeconds=1`, {
        accept: 'application/json;stream=watch',
      }),
    ],
  },
];
