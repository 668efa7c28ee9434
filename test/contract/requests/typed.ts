import { GATES, gate, type Request, type Story } from '../request.ts';

/** What typed clients send: the kind is that of the path, and the models have no fields for it. */
interface TypedKind {
  readonly title: string;
  readonly path: string;
  readonly apiVersion: string;
  readonly kind: string;
  readonly object: (name: string) => object;
}

const OTHER_KIND = 'A kind that does not match the path is reported more briefly.';

const named = (name: string) => ({ metadata: { name } });
const times = { eventTime: '2026-01-01T00:00:00.000000Z' };

const KINDS: readonly TypedKind[] = [
  {
    title: 'namespace',
    path: '/api/v1/namespaces',
    apiVersion: 'v1',
    kind: 'Namespace',
    object: (name) => named(`{ns}-${name}`),
  },
  {
    title: 'core event',
    path: '/api/v1/namespaces/{ns}/events',
    apiVersion: 'v1',
    kind: 'Event',
    object: (name) => ({
      ...named(`core-${name}`),
      involvedObject: { kind: 'TcpGate', name: 'x', namespace: '{ns}' },
      message: 'm',
      type: 'Normal',
    }),
  },
  {
    title: 'event',
    path: '/apis/events.k8s.io/v1/namespaces/{ns}/events',
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    object: (name) => ({
      ...named(`new-${name}`),
      ...times,
      regarding: { kind: 'TcpGate', name: 'x', namespace: '{ns}' },
      note: 'm',
      type: 'Normal',
      reason: 'R',
      action: 'A',
      reportingController: 'x.y/z',
      reportingInstance: 'i',
    }),
  },
];

function post(name: string, path: string, body: unknown): Request {
  return { name, method: 'POST', path, body };
}

function requestsOf({ title, path, apiVersion, kind, object }: TypedKind): Request[] {
  const at = (name: string) =>
    `${path}/${(object(name) as { metadata: { name: string } }).metadata.name}`;
  return [
    post(`${title} without kind and version`, path, object('bare')),
    post(`${title} with empty ones`, path, { apiVersion: '', kind: '', ...object('empty') }),
    post(`${title} with nulls`, path, { apiVersion: null, kind: null, ...object('nulls') }),
    post(`${title} with its kind alone`, path, { kind, ...object('kind') }),
    post(`${title} with its version alone`, path, { apiVersion, ...object('version') }),
    {
      ...post(`${title} with another kind`, path, { kind: 'Pod', ...object('other') }),
      differs: OTHER_KIND,
    },
    {
      ...post(`${title} with another version`, path, { apiVersion: 'apps/v1', ...object('other') }),
      differs: OTHER_KIND,
    },
    {
      name: `${title} replaced without kind and version`,
      method: 'PUT',
      path: at('bare'),
      body: {
        ...object('bare'),
        metadata: { ...(object('bare') as { metadata: object }).metadata, labels: { a: 'b' } },
      },
    },
    {
      name: `${title} patched`,
      method: 'PATCH',
      path: at('bare'),
      headers: { 'content-type': 'application/merge-patch+json' },
      body: { metadata: { labels: { c: 'd' } } },
    },
    {
      ...post(`${title} in YAML`, path, `metadata: {name: x}\n`),
      headers: { 'content-type': 'application/yaml' },
      body: JSON.stringify(object('yaml')),
    },
    ...['bare', 'empty', 'nulls', 'kind', 'version', 'yaml'].map(
      (name): Request => ({
        name: `${title} ${name} deleted`,
        method: 'DELETE',
        path: at(name),
        pick: () => 'gone',
      }),
    ),
  ];
}

const {
  apiVersion: _,
  kind: __,
  ...bareGate
} = gate('bare') as { apiVersion: string; kind: string };

export const typed: Story[] = [
  {
    name: 'typed clients',
    requests: [
      ...KINDS.flatMap(requestsOf),
      post('a gate without kind and version', GATES, bareGate),
      post('a gate with its kind alone', GATES, { kind: 'TcpGate', ...bareGate }),
      post('a gate with its version alone', GATES, {
        apiVersion: 'chaosgate.dev/v1alpha1',
        ...bareGate,
      }),
    ],
  },
];
