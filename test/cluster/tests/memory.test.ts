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

/** Resident bytes of the operator that leads. */
async function memory(pod: string): Promise<number> {
  const path = `/api/v1/namespaces/${SYSTEM}/pods/${pod}:8080/proxy/metrics`;
  const metrics = await kubectl(['get', '--raw', path]);
  return Number(/^process_resident_memory_bytes (\S+)$/m.exec(metrics)?.[1]);
}

/** What the operator's container said last before it was started again; empty if it never was. */
async function lastWords(pod: string): Promise<string> {
  const restarts = await kubectl([
    ...['-n', SYSTEM, 'get', 'pod', pod],
    ...['-o', 'jsonpath={.status.containerStatuses[0].restartCount}'],
  ]);
  return restarts === '0' ? '' : kubectl(['-n', SYSTEM, 'logs', pod, '--previous', '--tail', '1']);
}

async function expectMemory(limit: number): Promise<void> {
  await eventually(async () => {
    const pod = await leader();
    // An API server that is busy storing what comes may not renew the Lease in time: that is its right end.
    expect(await lastWords(pod)).toMatch(/^$|Lost the Lease/);
    expect(await memory(pod)).toBeLessThan(limit);
  });
}

async function expectAtWork(name: string): Promise<void> {
  await namespace.apply(gate(name, { upstream: { host: '127.0.0.1', port: 9 } }));
  await namespace.wait(name, 'Programmed', 60);
}

test('300 labelled Secrets of 1 MiB end no operator, neither one that runs nor one that starts', async () => {
  await expectAtWork('before');
  const limit = (await memory(await leader())) + MARGIN;

  await createSecrets();
  await expectAtWork('while-they-come');
  await expectMemory(limit);

  await scaleOperator(0);
  await scaleOperator(1);
  await expectAtWork('after');
  await expectMemory(limit);
}, 300_000);
