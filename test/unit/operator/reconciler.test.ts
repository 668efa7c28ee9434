import { expect, onTestFinished, test } from 'vitest';
import type { TcpGateStatus } from '../../../src/api/status.ts';
import type { KubeObject } from '../../../src/kube/objects.ts';
import { startGateApi } from '../../../src/local/gateApi.ts';
import { InProcessKube } from '../../../src/local/inProcessKube.ts';
import type { Host } from '../../../src/operator/host.ts';
import { Reconciler } from '../../../src/operator/reconciler.ts';
import { TCP_GATES } from '../../../src/operator/resources.ts';
import { StatusWriter } from '../../../src/operator/statusWriter.ts';

type Gate = KubeObject & { readonly status?: TcpGateStatus };

test('a new gate says that it is being set up before anything is done for it', async () => {
  const api = await startGateApi({
    port: 0,
    version: '0',
    onError: (error) => expect.fail(String(error)),
  });
  onTestFinished(() => api.close());
  const kube = new InProcessKube(api.api, 'test');
  const gate = (key: string) =>
    api.store.collection(TCP_GATES.plural).get(key) as unknown as Gate | undefined;
  const seen: (TcpGateStatus | undefined)[] = [];
  const host: Host = {
    ensure: async (key) => {
      seen.push(gate(key)?.status);
      return { stored: true, reachable: true, obstacle: undefined, error: undefined };
    },
    observe: () => ({ address: 'db:1', trouble: undefined, pods: [], links: new Map() }),
    remove: () => {},
  };
  const statuses = new StatusWriter({
    kube,
    cached: gate,
    onWritten: () => {},
    onPutBack: () => expect.fail('Nobody else writes'),
  });
  const reconciler = new Reconciler({ gate, host, statuses });
  const db = {
    apiVersion: 'chaosgate.dev/v1alpha1',
    kind: 'TcpGate',
    metadata: { name: 'db', namespace: 'default' },
    spec: { upstream: { host: 'db', port: 1 } },
  };
  await kube.create(TCP_GATES, db);
  await reconciler.reconcile('default/db');
  await reconciler.reconcile('default/db');
  expect(seen[0]).toMatchObject({
    observedGeneration: 1,
    conditions: [
      { type: 'Ready', status: 'Unknown', reason: 'Starting' },
      { type: 'Programmed', status: 'Unknown' },
      { type: 'Reconciling', status: 'True' },
    ],
  });
  // Once: what comes later is not held up by it.
  expect(seen[1]).toEqual(seen[0]);
});
