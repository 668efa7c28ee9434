/** What strangers label costs the operator next to nothing. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Kube } from '../../../src/kube/client.ts';
import { loadKubeConfig } from '../../../src/kube/config.ts';
import type { KubeObject, ObjectMeta } from '../../../src/kube/objects.ts';
import { TCP_GATES } from '../../../src/operator/resources.ts';
import { gateAsOwner, LARGEST_KINDS, largest } from '../../support/largestObjects.ts';
import { eventually } from './support/eventually.ts';
import { kubectl } from './support/kubectl.ts';
import { gate } from './support/manifests.ts';
import { Namespace } from './support/namespace.ts';
import { leader, SYSTEM, scaleOperator } from './support/system.ts';

const MEBIBYTE = 1024 * 1024;

/**
 * Bytes that may be resident more: with garbage, which V8 looks for in a process that is idle within 100 s alone.
 * test/unit/operator/stream.test.ts measures what is in use, which is a few.
 */
const MARGIN = 64 * MEBIBYTE;

/** Secrets of the largest size; some of them are named and owned like those of gates. */
const SECRETS = 300;
const OWNED_SECRETS = 50;

/** Of each other kind, which take an API server many times as long. */
const OTHERS = 10;

/** Requests at a time. With more, an API server on few processors keeps the operator from its Lease. */
const WRITERS = 2;

let namespace: Namespace;
let kube: Kube;

beforeAll(async () => {
  namespace = await Namespace.create('memory');
  const { config } = await loadKubeConfig();
  kube = new Kube(config, { userAgent: 'chaosgate-test', timeoutMilliseconds: 60_000 });
});

afterAll(async () => {
  await kube.close();
  await namespace.delete();
});

async function create(
  kind: string,
  count: number,
  metadata: (index: number) => Pick<ObjectMeta, 'name' | 'ownerReferences'>,
): Promise<void> {
  const { resource } = LARGEST_KINDS[kind] ?? {};
  if (resource === undefined) throw new TypeError(`No kind ${kind}`);
  let next = 0;
  const write = async () => {
    while (next < count) {
      const place = { ...metadata(next), namespace: namespace.name };
      next += 1;
      await kube.create(resource, largest(kind, place));
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, write));
}

/** Secrets like those of gates, for which the operator has not made any: they are in front of their own Services. */
async function createOwned(count: number): Promise<void> {
  const owners: KubeObject[] = [];
  for (let index = 0; index < count; index += 1) {
    const name = `owner-${index}`;
    const object = gate(name, { upstream: { host: name, port: 9 } });
    const metadata = { name, namespace: namespace.name };
    owners.push(await kube.create<KubeObject>(TCP_GATES, { ...object, metadata }));
  }
  await create('Secret', count, (index) => {
    const { name = '', uid = '' } = owners[index]?.metadata ?? {};
    return { name: `${name}-chaosgate`, ownerReferences: [gateAsOwner(name, uid)] };
  });
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

test('the largest objects end no operator, neither one that runs nor one that starts', async () => {
  await expectAtWork('before');
  const limit = (await memory(await leader())) + MARGIN;

  await createOwned(OWNED_SECRETS);
  await create('Secret', SECRETS - OWNED_SECRETS, (index) => ({ name: `large-${index}` }));
  await expectAtWork('beside-secrets');
  await expectMemory(limit);

  for (const kind of Object.keys(LARGEST_KINDS)) {
    if (kind === 'Secret') continue;
    await create(kind, OTHERS, (index) => ({ name: `large-${kind.toLowerCase()}-${index}` }));
  }
  await expectAtWork('beside-all');
  await expectMemory(limit);

  await scaleOperator(0);
  await scaleOperator(1);
  await expectAtWork('after');
  await expectMemory(limit);
}, 600_000);
