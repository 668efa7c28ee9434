/** What the status of a gate costs an API server, by a real gate. */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import type { TcpGateStatus } from '../../src/api/status.ts';
import type { KubeObject } from '../../src/kube/objects.ts';
import { WorkQueue } from '../../src/kube/workQueue.ts';
import { startGateApi } from '../../src/local/gateApi.ts';
import { InProcessKube } from '../../src/local/inProcessKube.ts';
import { LocalRuntime } from '../../src/local/localRuntime.ts';
import { Reconciler } from '../../src/operator/reconciler.ts';
import { TCP_GATES } from '../../src/operator/resources.ts';
import { BURST, INTERVAL } from '../../src/operator/statusSchedule.ts';
import { StatusWriter } from '../../src/operator/statusWriter.ts';
import { freePort } from '../gate/support/ports.ts';

const KEY = 'default/flapping';

/** Milliseconds. */
const DURATION = 10_000;

type Gate = KubeObject & { readonly status?: TcpGateStatus };

/** A gate in front of that port, with a status that is written as by an operator. */
async function startGate(upstream: number) {
  const onError = (error: unknown) => expect.fail(String(error));
  const api = await startGateApi({ port: 0, version: '0', onError });
  const kube = new InProcessKube(api.api, 'test');
  const gate = (key: string) =>
    api.store.collection(TCP_GATES.plural).get(key) as unknown as Gate | undefined;
  let writes = 0;
  const statuses = new StatusWriter({
    kube: {
      replaceStatus: (...status) => {
        writes += 1;
        return kube.replaceStatus(...status);
      },
    },
    cached: gate,
    onWritten: () => {},
    onRestored: () => expect.fail('Nobody else writes'),
  });
  const runtime = new LocalRuntime({ listen: '127.0.0.1', onChange: (key) => queue.add(key) });
  const reconciler = new Reconciler({ gate, runtime, statuses });
  const queue = new WorkQueue({
    work: (key) => reconciler.reconcile(key),
    concurrency: 1,
    onError: (_, error) => onError(error),
  });
  onTestFinished(async () => {
    await queue.stop();
    await runtime.close();
    await api.close();
  });
  const port = await freePort();
  await kube.create(TCP_GATES, {
    apiVersion: 'chaosgate.dev/v1alpha1',
    kind: 'TcpGate',
    metadata: { name: 'flapping', namespace: 'default' },
    spec: { upstream: { host: '127.0.0.1', port: upstream }, listen: { port } },
  } as KubeObject);
  queue.add(KEY);
  const status = () => gate(KEY)?.status;
  await expect.poll(() => status()?.address).toBe(`127.0.0.1:${port}`);
  return { port, status, writes: () => writes };
}

/** How a client of that port ends that says nothing. */
function outcomeOf(port: number): Promise<'served' | 'refused'> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1').resume();
    socket.once('end', () => resolve('served'));
    socket.once('error', () => resolve('refused'));
  });
}

test('an upstream that refuses every second connection costs one write in 5 seconds', async () => {
  const upstream = await freePort();
  const { port, status, writes } = await startGate(upstream);
  const results = { served: 0, refused: 0 };
  const before = writes();
  const start = performance.now();
  while (performance.now() - start < DURATION) {
    const server = createServer((socket) => socket.end()).listen(upstream, '127.0.0.1');
    await once(server, 'listening');
    results[await outcomeOf(port)] += 1;
    server.close();
    await once(server, 'close');
    results[await outcomeOf(port)] += 1;
  }
  expect(Math.min(results.served, results.refused)).toBeGreaterThan(20);
  const earned = (performance.now() - start) / INTERVAL;
  expect(writes() - before).toBeLessThanOrEqual(BURST + earned);

  // What is true in the end is said.
  const total = results.served + results.refused;
  await expect
    .poll(() => status()?.connections, { timeout: 3 * INTERVAL })
    .toEqual({ active: 0, accepted: total });
});
