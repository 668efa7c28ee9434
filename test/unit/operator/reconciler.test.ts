import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import type { TcpGateStatus } from '../../../src/api/status.ts';
import type { KubeObject } from '../../../src/kube/objects.ts';
import { startGateApi } from '../../../src/local/gateApi.ts';
import { InProcessKube } from '../../../src/local/inProcessKube.ts';
import type { EnsureResult, GateRuntime } from '../../../src/operator/gateRuntime.ts';
import { proxiesOf } from '../../../src/operator/podRuntime.ts';
import { Reconciler } from '../../../src/operator/reconciler.ts';
import { TCP_GATES } from '../../../src/operator/resources.ts';
import { decideLocalWrite } from '../../../src/operator/statusSchedule.ts';
import { StatusWriter } from '../../../src/operator/statusWriter.ts';

import { aPod, heard } from './fixtures.ts';

const KEY = 'default/db';

type Gate = KubeObject & { readonly status?: TcpGateStatus };

const DONE: EnsureResult = { stored: true, reachable: true, problem: undefined, error: undefined };

/** A gate `default/db`, and what the runtime is asked for it. */
async function setUp({ result = () => DONE }: { result?: () => EnsureResult } = {}) {
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
  const pod = aPod();
  let accepted = 0;
  const runtime: GateRuntime = {
    ensure: async (key) => {
      seen.push(gate(key)?.status);
      return result();
    },
    observe: () => ({
      address: 'db:1',
      trouble: undefined,
      run: undefined,
      proxies: proxiesOf(
        [pod],
        new Map([[pod.uid, heard({ connections: { active: 1, accepted } })]]),
        new Map([[pod.uid, 'settled']]),
      ),
    }),
    remove: () => {},
  };
  const statuses = new StatusWriter({
    kube,
    cached: gate,
    decide: decideLocalWrite,
    onWritten: () => {},
    onRestored: () => expect.fail('Nobody else writes'),
  });
  const db = {
    apiVersion: 'chaosgate.dev/v1alpha1',
    kind: 'TcpGate',
    metadata: { name: 'db', namespace: 'default' },
    spec: { upstream: { host: 'db', port: 1 } },
  };
  await kube.create(TCP_GATES, db);
  return {
    reconciler: new Reconciler({ gate, runtime, statuses }),
    seen,
    accept: () => {
      accepted += 1;
    },
    accepted: () => gate(KEY)?.status?.connections?.accepted,
  };
}

test('a new gate says that it is being set up before anything is done for it', async () => {
  const { reconciler, seen } = await setUp();
  await reconciler.reconcile(KEY);
  reconciler.invalidate(KEY);
  await reconciler.reconcile(KEY);
  expect(seen[0]).toMatchObject({
    observedGeneration: 1,
    conditions: [
      { type: 'Ready', status: 'Unknown', reason: 'Starting' },
      { type: 'Programmed', status: 'Unknown' },
      { type: 'Reconciling', status: 'True' },
    ],
  });
  // Once: what comes later is not held up by it.
  expect(seen[1]?.conditions).not.toContainEqual(expect.objectContaining({ reason: 'Starting' }));
});

test('a report goes to the status, and the runtime is not asked for it', async () => {
  const { reconciler, seen, accept, accepted } = await setUp();
  await reconciler.reconcile(KEY);
  for (const count of [1, 2, 3]) {
    accept();
    // Counts wait for a moment since the last write.
    for (let wait: number | undefined = 0; wait !== undefined; ) {
      await sleep(wait);
      wait = (await reconciler.reconcile(KEY)).requeueAfterMs;
    }
    expect(accepted()).toBe(count);
  }
  expect(seen).toHaveLength(1);
});

test('the runtime is asked again after what was not done, and after what changed while it was at work', async () => {
  const results: EnsureResult[] = [
    { ...DONE, error: new Error('Conflict') },
    { ...DONE, problem: { terminal: false, reason: 'ChildFailed', message: 'Quota' } },
  ];
  const { reconciler, seen } = await setUp({
    result: () => {
      if (seen.length === 3) reconciler.invalidate(KEY);
      return results.shift() ?? DONE;
    },
  });
  await expect(reconciler.reconcile(KEY)).rejects.toThrow('Conflict');
  for (const asked of [2, 3, 4, 4, 4]) {
    await reconciler.reconcile(KEY);
    expect(seen).toHaveLength(asked);
  }
});
