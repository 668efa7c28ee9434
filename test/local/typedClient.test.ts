/** @kubernetes/client-node's typed client, whose models name no kind and no version. */
import { join } from 'node:path';
import { CoreV1Api, EventsV1Api, KubeConfig, V1MicroTime } from '@kubernetes/client-node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LocalServer, startServer } from './support/server.ts';

let server: LocalServer;
const config = new KubeConfig();

beforeAll(async () => {
  server = await startServer();
  config.loadFromFile(join(server.folder, 'kubeconfig'));
});

afterAll(async () => {
  await server.stop();
  expect(server.errors).toEqual([]);
});

test('makes, replaces and deletes a namespace', async () => {
  const core = config.makeApiClient(CoreV1Api);
  const made = await core.createNamespace({ body: { metadata: { name: 'typed' } } });
  expect(made).toMatchObject({ kind: 'Namespace', status: { phase: 'Active' } });
  const { uid = '', resourceVersion = '' } = made.metadata ?? {};
  const annotations = { a: 'b' };
  const body = { metadata: { name: 'typed', uid, resourceVersion, annotations } };
  const replaced = await core.replaceNamespace({ name: 'typed', body });
  expect(replaced.metadata?.annotations).toEqual(annotations);
  await core.deleteNamespace({ name: 'typed' });
});

test('tells of events, the old way and the new', async () => {
  const namespace = 'default';
  const involvedObject = { kind: 'TcpGate', name: 'x', namespace };
  await config.makeApiClient(CoreV1Api).createNamespacedEvent({
    namespace,
    body: { metadata: { name: 'old' }, involvedObject, message: 'm', type: 'Normal' },
  });
  const events = config.makeApiClient(EventsV1Api);
  await events.createNamespacedEvent({
    namespace,
    body: {
      metadata: { name: 'new' },
      eventTime: new V1MicroTime(),
      regarding: involvedObject,
      note: 'm',
      type: 'Normal',
      reason: 'R',
      action: 'A',
      reportingController: 'x.y/z',
      reportingInstance: 'i',
    },
  });
  const { items } = await events.listNamespacedEvent({ namespace });
  expect(items.map(({ metadata, note }) => [metadata?.name, note])).toEqual([
    ['new', 'm'],
    ['old', 'm'],
  ]);
});
