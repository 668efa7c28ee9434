/** What strangers label costs the operator next to nothing. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from './support/eventually.ts';
import { kubectl } from './support/kubectl.ts';
import { gate } from './support/manifests.ts';
import { Namespace } from './support/namespace.ts';
import { leader, SYSTEM, scaleOperator } from './support/system.ts';

const SECRETS = 300;
const MEBIBYTE = 1024 * 1024;

/** Bytes that the operator may need more. */
const MARGIN = 20 * MEBIBYTE;

let namespace: Namespace;

beforeAll(async () => {
  namespace = await Namespace.create('memory');
});

afterAll(async () => {
  await namespace.delete();
});

/** A Secret of the largest size, labelled like those of gates. */
function secret(name: string, data: string): object {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, labels: { 'app.kubernetes.io/managed-by': 'chaosgate-operator' } },
    data: { data },
  };
}

async function createSecrets(): Promise<void> {
  const data = randomBytes(MEBIBYTE).toString('base64');
  const names = Array.from({ length: SECRETS }, (_, number) => `large-${number}`);
  const batches = Array.from({ length: SECRETS / 10 }, (_, batch) =>
    names.slice(batch * 10, batch * 10 + 10),
  );
  const work = async () => {
    for (let batch = batches.pop(); batch !== undefined; batch = batches.pop()) {
      await namespace.create(...batch.map((name) => secret(name, data)));
    }
  };
  await Promise.all([work(), work(), work()]);
}

/** Resident bytes of the operator that leads, and how often its container was restarted. */
async function operator(): Promise<{ memory: number; restarts: string }> {
  const pod = await leader();
  const path = `/api/v1/namespaces/${SYSTEM}/pods/${pod}:8080/proxy/metrics`;
  const metrics = await kubectl(['get', '--raw', path]);
  const restarts = await kubectl([
    ...['-n', SYSTEM, 'get', 'pod', pod],
    ...['-o', 'jsonpath={.status.containerStatuses[0].restartCount}'],
  ]);
  return { memory: Number(/^process_resident_memory_bytes (\S+)$/m.exec(metrics)?.[1]), restarts };
}

async function expectMemory(limit: number): Promise<void> {
  await eventually(async () => {
    const { memory, restarts } = await operator();
    expect(restarts).toBe('0');
    expect(memory).toBeLessThan(limit);
  });
}

async function expectAtWork(name: string): Promise<void> {
  await namespace.apply(gate(name, { upstream: { host: '127.0.0.1', port: 9 } }));
  await namespace.wait(name, 'Programmed', 60);
}

test('300 labelled Secrets of 1 MiB end no operator, neither one that runs nor one that starts', async () => {
  await expectAtWork('before');
  const { memory } = await operator();

  await createSecrets();
  await expectAtWork('while-they-come');
  await expectMemory(memory + MARGIN);

  await scaleOperator(0);
  await scaleOperator(1);
  await expectAtWork('after');
  await expectMemory(memory + MARGIN);
}, 300_000);
