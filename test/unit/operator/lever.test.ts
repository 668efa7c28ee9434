/** The lever against an HTTP server on loopback of which the test plays the API server. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Kube } from '../../../src/kube/client.ts';
import { Lever } from '../../../src/operator/lever.ts';
import { Inbox } from '../kube/support/inbox.ts';
import {
  type Exchange,
  plainConfig,
  type ScriptedApi,
  scriptedApi,
} from '../kube/support/scriptedApi.ts';

const OWN = 'chaosgate-system';

let api: ScriptedApi;
let kube: Kube;
let lever: Lever;
let news: Inbox<string>;
let version = 100;

beforeEach(async () => {
  api = await scriptedApi();
  kube = new Kube(plainConfig(`http://127.0.0.1:${api.port}`), { userAgent: 'test/1' });
  news = new Inbox();
});

afterEach(async () => {
  await lever.stop();
  await kube.close();
  api.close();
});

function start(namespaces: readonly string[] = []): void {
  lever = new Lever({
    kube,
    namespaces,
    ownNamespace: OWN,
    onChange: ({ isEngaged, metadata, reason }) =>
      news.put(`${isEngaged ? 'engaged' : 'released'} ${metadata.namespace} ${reason}`),
    onInvalid: ({ namespace }) => news.put(`invalid ${namespace}`),
    onError: ({ message }) => news.put(message),
  });
  lever.start();
}

function configMap(namespace: string, data?: object, name = 'chaosgate-lever') {
  version += 1;
  const metadata = { name, namespace, uid: `${namespace}-uid`, resourceVersion: `${version}` };
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata, data };
}

const engaged = (namespace: string, reason = 'incident') =>
  configMap(namespace, { faults: 'suspended', reason });

/** Answers the list, and gives the open watch. */
async function watch(items: object[] = []): Promise<Exchange> {
  const list = await api.next();
  expect(list.query.fieldSelector).toBe('metadata.name=chaosgate-lever');
  list.json({ apiVersion: 'v1', kind: 'List', metadata: { resourceVersion: '100' }, items });
  const watch = await api.next();
  expect(watch.query.fieldSelector).toBe('metadata.name=chaosgate-lever');
  watch.open();
  return watch;
}

test('one in the operator’s namespace is for all gates, another one for those of its own', async () => {
  start();
  const open = await watch([engaged('staging')]);
  await lever.synced;
  expect(await news.next()).toBe('engaged staging incident');
  expect(['staging', 'other'].map((one) => lever.isEngaged(one))).toEqual([true, false]);
  open.event('ADDED', engaged(OWN, ''));
  expect(await news.next()).toBe(`engaged ${OWN} `);
  expect(['staging', 'other'].map((one) => lever.isEngaged(one))).toEqual([true, true]);
  expect(lever.engaged.map(({ metadata }) => metadata.namespace)).toEqual(['staging', OWN]);
  open.event('DELETED', engaged(OWN, ''));
  expect(await news.next()).toBe(`released ${OWN} `);
  expect(lever.isEngaged('other')).toBe(false);
});

test('a change of the reason alone is none, and every other value is no lever', async () => {
  start();
  const open = await watch([engaged('staging')]);
  expect(await news.next()).toBe('engaged staging incident');
  open.event('MODIFIED', engaged('staging', 'another'));
  open.event('MODIFIED', configMap('staging', { faults: 'suspendedx' }));
  expect(await news.next()).toBe('released staging another');
  expect(await news.next()).toBe('invalid staging');
  open.event('MODIFIED', configMap('staging'));
  expect(await news.next()).toBe('invalid staging');
});

test('what steers a terminal, and what is too long, is no part of the reason', async () => {
  start();
  await watch([engaged('staging', `a\u001b[2J${'x'.repeat(1_000_000)}`)]);
  expect(await news.next()).toHaveLength('engaged staging '.length + 256);
  expect(lever.engaged[0]?.reason).toMatch(/^a \[2Jx+$/);
});

test('in some namespaces only, it is watched there and in the operator’s', async () => {
  start(['a', 'b', OWN]);
  const paths = [await api.next(), await api.next(), await api.next()].map(({ path }) => path);
  expect(paths.sort()).toEqual(
    ['a', 'b', OWN].map((namespace) => `/api/v1/namespaces/${namespace}/configmaps`),
  );
});
