/** The caches against an HTTP server on loopback of which the test plays the API server. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Kube } from '../../../src/kube/client.ts';
import type { KubeObject } from '../../../src/kube/objects.ts';
import { Caches } from '../../../src/operator/caches.ts';
import { Inbox } from '../kube/support/inbox.ts';
import {
  type Exchange,
  plainConfig,
  type ScriptedApi,
  scriptedApi,
} from '../kube/support/scriptedApi.ts';

const LABELS = { 'chaosgate.dev/gate': 'db', 'app.kubernetes.io/managed-by': 'chaosgate-operator' };
const RESOURCES = [
  'tcpgates',
  'services',
  'secrets',
  'deployments',
  'networkpolicies',
  'pods',
  'endpointslices',
];

let api: ScriptedApi;
let kube: Kube;
let caches: Caches;
let news: Inbox<string>;
let version = 100;

beforeEach(async () => {
  api = await scriptedApi();
  kube = new Kube(plainConfig(`http://127.0.0.1:${api.port}`), { userAgent: 'test/1' });
});

afterEach(async () => {
  await caches.stop();
  await kube.close();
  api.close();
});

function start(namespaces: readonly string[] = [], front = false): void {
  news = new Inbox();
  caches = new Caches({
    kube,
    namespaces,
    front,
    keepChild: (_, object) => object,
    onGate: (key) => news.put(`gate ${key}`),
    onStatus: (key) => news.put(`status ${key}`),
    onChild: (kind, key) => news.put(`${kind} ${key}`),
    onSlice: (current) => news.put(`slice ${current?.metadata.name}`),
    onError: (error) => news.put(error.message),
  });
  caches.start();
}

function object(kind: string, name: string, more: object = {}): KubeObject {
  version += 1;
  const metadata = { name, namespace: 'ns', uid: `${name}-uid`, resourceVersion: `${version}` };
  return { apiVersion: 'v1', kind, ...more, metadata: { ...metadata, ...metadataOf(more) } };
}

const metadataOf = (more: { metadata?: object }) => more.metadata ?? {};

/** Answers the list of each resource, and gives its open watch. */
async function watches(lists: Record<string, KubeObject[]> = {}): Promise<Map<string, Exchange>> {
  const open = new Map<string, Exchange>();
  while (open.size < RESOURCES.length) {
    const request = await api.next();
    const resource = request.path.split('/').at(-1) ?? '';
    if (request.query.watch === 'true') {
      request.open();
      open.set(resource, request);
    } else {
      const metadata = { resourceVersion: '100' };
      request.json({ apiVersion: 'v1', kind: 'List', metadata, items: lists[resource] ?? [] });
    }
  }
  return open;
}

/** What is told until all of these were; in any order, as each resource has a watch of its own. */
async function told(...expected: string[]): Promise<void> {
  const found: string[] = [];
  while (found.length < expected.length) found.push(await news.next());
  expect(found.sort()).toEqual(expected.sort());
}

const pod = (status: object = {}) =>
  object('Pod', 'db-chaosgate-1', {
    metadata: {
      labels: LABELS,
      ownerReferences: [{ kind: 'ReplicaSet', name: 'db-chaosgate-abc', controller: true }],
    },
    status,
  });

test('everything of a gate is told under the key of the gate', async () => {
  start();
  const open = await watches({ tcpgates: [object('TcpGate', 'db')] });
  await caches.synced;
  await told('gate ns/db');
  open.get('services')?.event('ADDED', object('Service', 'db', { metadata: { labels: LABELS } }));
  await told('Service ns/db', 'gate ns/db');
  open.get('pods')?.event('ADDED', pod({ podIP: '10.0.0.1' }));
  await told('gate ns/db');
  expect(caches.pods('ns/db')).toMatchObject([{ name: 'db-chaosgate-1', ip: '10.0.0.1' }]);
  open.get('pods')?.event('DELETED', pod());
  await told('gate ns/db');
  expect(caches.pods('ns/db')).toEqual([]);
  const labels = { ...LABELS, 'kubernetes.io/service-name': 'db' };
  open
    .get('endpointslices')
    ?.event('ADDED', object('EndpointSlice', 'db-1', { metadata: { labels } }));
  await told('slice db-1');
});

test.each<[what: string, change: object, news: string]>([
  ['a status', { status: { faults: 'none' } }, 'status ns/db'],
  ['a label', { metadata: { labels: { team: 'x' } } }, 'status ns/db'],
  ['a generation', { metadata: { generation: 2 } }, 'gate ns/db'],
  ['a deletion', { metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } }, 'gate ns/db'],
  [
    'the annotation that asks for a look',
    { metadata: { annotations: { 'chaosgate.dev/reconcile-requested-at': '1' } } },
    'gate ns/db',
  ],
])('%s that changes is told as what it is', async (_, change, expected) => {
  start();
  const open = await watches({ tcpgates: [object('TcpGate', 'db')] });
  await told('gate ns/db');
  open.get('tcpgates')?.event('MODIFIED', object('TcpGate', 'db', change));
  await told(expected);
});

test('a pod that no ReplicaSet of the gate owns is none of its', async () => {
  start();
  const open = await watches();
  const stranger = object('Pod', 'stranger', { metadata: { labels: LABELS } });
  open.get('pods')?.event('ADDED', stranger);
  open.get('pods')?.event('ADDED', pod());
  await told('gate ns/db');
  expect(caches.pods('ns/db').map(({ name }) => name)).toEqual(['db-chaosgate-1']);
});

function labelSelectorOf(path: string): string | undefined {
  if (path.endsWith('/tcpgates')) return undefined;
  // Other labels of pods may be those by which a Service selects them.
  return path.endsWith('/pods')
    ? 'chaosgate.dev/gate'
    : 'app.kubernetes.io/managed-by=chaosgate-operator';
}

test('only what carries the label is asked for, and only in the namespaces to be served', async () => {
  start(['ns']);
  const paths = new Set<string>();
  for (let requests = 0; requests < RESOURCES.length; requests += 1) {
    const { path, query } = await api.next();
    paths.add(path);
    expect([path, query.labelSelector]).toEqual([path, labelSelectorOf(path)]);
  }
  expect(paths.size).toBe(RESOURCES.length);
  for (const path of paths) expect(path).toContain('/namespaces/ns/');
});

test('Services that gates are in front of are watched where gates may be, and their slices', async () => {
  start(['ns'], true);
  const selections: string[] = [];
  for (let requests = 0; requests < RESOURCES.length + 2; requests += 1) {
    const { path, query } = await api.next();
    selections.push(`${path.split('/').at(-1)} ${query.labelSelector}`);
  }
  const fronted = 'chaosgate.dev/gate,app.kubernetes.io/managed-by!=chaosgate-operator';
  expect(selections).toContain(`services ${fronted}`);
  expect(selections).toContain(`endpointslices ${fronted}`);
});
