/** The writes that hand a Service to a gate and back, against what others write to the same Service. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { Kube } from '../../../src/kube/client.ts';
import { loadKubeConfig } from '../../../src/kube/config.ts';
import { isConflict, isPatchTestFailed } from '../../../src/kube/errors.ts';
import type { ObjectMeta } from '../../../src/kube/objects.ts';
import type { Resource } from '../../../src/kube/resource.ts';
import {
  frontingOf,
  leadsTo,
  releaseStep,
  type SelectingService,
  selectorOwners,
  switchOf,
} from '../../../src/operator/front/handover.ts';
import { FRONT_MANAGER, frontSelectorValue } from '../../../src/operator/front/names.ts';
import { CHILDREN } from '../../../src/operator/resources.ts';
import { Namespace } from './support/namespace.ts';

const SERVICES = CHILDREN.Service as Resource<SelectingService>;
const GATE = { name: 'chaos', uid: '0123abcd-4567-89ef-0123-456789abcdef' };
const ORIGINAL = { app: 'postgres', 'app.kubernetes.io/part-of': 'shop' };
const OURS = frontSelectorValue(GATE.uid);

let kube: Kube;
let namespace: Namespace;
let name: string;

beforeAll(async () => {
  const { config } = await loadKubeConfig();
  kube = new Kube(config, { userAgent: 'chaosgate-test' });
  namespace = await Namespace.create('handover');
});

afterAll(async () => {
  await namespace.delete();
  await kube.close();
});

beforeEach(({ task }) => {
  name = `service-${task.id.replaceAll(/[^0-9]/g, '').slice(-12)}`;
});

function manifest(selector: Record<string, string> = ORIGINAL) {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, labels: { team: 'shop' } },
    spec: { selector, ports: [{ port: 5_432 }] },
  };
}

const read = () => kube.get(SERVICES, { name, namespace: namespace.name });

async function switchOver(service?: SelectingService): Promise<SelectingService> {
  const body = switchOf(service ?? (await read()), GATE);
  return kube.apply(SERVICES, body, { fieldManager: FRONT_MANAGER, force: true });
}

/** All writes of the way back; the kinds of them. */
async function release(): Promise<string[]> {
  const kinds: string[] = [];
  for (;;) {
    const service = await read();
    const step = releaseStep(service, GATE);
    if (step === undefined) return kinds;
    if (step === 'lost' || kinds.length === 5) throw new Error(`No end: ${kinds.join()}`);
    kinds.push(step.kind);
    await kube.jsonPatch(SERVICES, service.metadata, step.operations, {
      fieldManager: FRONT_MANAGER,
    });
  }
}

/** All of the object that a write of the same fields leaves as it is. */
function content({ metadata, ...others }: SelectingService) {
  const { resourceVersion: _, managedFields = [], ...fixed } = metadata as ObjectMeta;
  const managers = managedFields.map(({ time: _t, ...entry }) => JSON.stringify(entry)).toSorted();
  return { ...others, metadata: { ...fixed, managers } };
}

/** `kubectl apply --server-side` of an object. */
async function applied(manager: string, object: { metadata: object }, force = false) {
  const metadata = { ...object.metadata, name, namespace: namespace.name };
  const whole = { ...object, metadata } as unknown as SelectingService;
  return kube.apply<SelectingService>(SERVICES, whole, { fieldManager: manager, force });
}

test.each(['client-side apply', 'server-side apply', 'create'])(
  'a Service of %s is as it was, managers included, once it is released',
  async (how) => {
    if (how === 'client-side apply') await namespace.apply(manifest());
    else if (how === 'create') await namespace.create(manifest());
    else await applied('team', manifest());
    const before = await read();

    const switched = await switchOver();
    expect(switched.spec?.selector).toEqual({ app: OURS, 'app.kubernetes.io/part-of': OURS });
    expect(switched.metadata.labels).toEqual({ team: 'shop', 'chaosgate.dev/gate': 'chaos' });
    expect(leadsTo(switched, GATE.uid)).toBe(true);
    expect(frontingOf(switched)).toEqual({ gate: GATE, original: ORIGINAL });
    expect(selectorOwners(switched)).toEqual([]);

    expect(await release()).toEqual(['restore', 'returnOwner']);
    expect(content(await read())).toEqual(content(before));
  },
);

test('the owner applies again without a conflict, and so does nobody else', async () => {
  await applied('team', manifest());
  await switchOver();
  await expect(applied('team', manifest())).rejects.toSatisfy(isConflict);
  await release();
  const changed = manifest({ ...ORIGINAL, version: '2' });
  await expect(applied('other', changed)).rejects.toSatisfy(isConflict);
  expect((await applied('team', changed)).spec?.selector).toEqual({ ...ORIGINAL, version: '2' });
});

test('a Service that has changed since it was read is not switched', async () => {
  await namespace.apply(manifest());
  const stale = await read();
  await namespace.kubectl('label', 'service', name, 'changed=true');
  await expect(switchOver(stale)).rejects.toSatisfy(isConflict);
  await namespace.kubectl('delete', 'service', name);
  await expect(switchOver(stale)).rejects.toSatisfy(isConflict);
  await namespace.apply(manifest());
  await expect(switchOver(stale)).rejects.toSatisfy(isConflict);
});

test('a Service that has changed since it was read is not released', async () => {
  await namespace.apply(manifest());
  await switchOver();
  const stale = await read();
  await namespace.kubectl('label', 'service', name, 'changed=true');
  const step = releaseStep(stale, GATE);
  if (step === undefined || step === 'lost') throw new Error('There is nothing to release');
  const patch = kube.jsonPatch(SERVICES, stale.metadata, step.operations);
  await expect(patch).rejects.toSatisfy(isPatchTestFailed);
  expect(leadsTo(await read(), GATE.uid)).toBe(true);
});

test('client-side apply of the manifest brings the original selector back, and keeps it', async () => {
  await namespace.apply(manifest());
  await switchOver();
  await namespace.apply(manifest());
  const reverted = await read();
  expect(reverted.spec?.selector).toEqual(ORIGINAL);
  expect(selectorOwners(reverted)).toEqual([
    { manager: 'kubectl-client-side-apply', operation: 'Update' },
  ]);
  expect(await release()).toEqual(['unmark']);
  const after = await read();
  expect(after.metadata.labels).toEqual({ team: 'shop' });
  expect(frontingOf(after)).toBeUndefined();
  expect(JSON.stringify(after.metadata.managedFields)).not.toContain(FRONT_MANAGER);
});

test('a part of the selector that somebody has changed stays, the rest is the original', async () => {
  await applied('team', manifest());
  await switchOver();
  const patch = JSON.stringify({ spec: { selector: { tier: 'db', app: null } } });
  await namespace.kubectl('patch', 'service', name, '--type=merge', '-p', patch);
  expect(await release()).toEqual(['restore', 'returnOwner']);
  const after = await read();
  expect(after.spec?.selector).toEqual({ tier: 'db', 'app.kubernetes.io/part-of': 'shop' });
  expect(selectorOwners(after)).toEqual([{ manager: 'kubectl-patch', operation: 'Update' }]);
});

test('a client that changes the selector before it is returned manages it', async () => {
  await applied('team', manifest());
  await switchOver();
  const service = await read();
  const step = releaseStep(service, GATE);
  if (step === undefined || step === 'lost') throw new Error('There is nothing to release');
  await kube.jsonPatch(SERVICES, service.metadata, step.operations, {
    fieldManager: FRONT_MANAGER,
  });
  const patch = JSON.stringify({ spec: { selector: { tier: 'db' } } });
  await namespace.kubectl('patch', 'service', name, '--type=merge', '-p', patch);
  expect(await release()).toEqual(['returnOwner']);
  const after = await read();
  expect(after.spec?.selector).toEqual({ ...ORIGINAL, tier: 'db' });
  expect(selectorOwners(after)).toEqual([{ manager: 'kubectl-patch', operation: 'Update' }]);
});

test('a Service whose marks are gone is released with the selector that is known elsewhere', async () => {
  await namespace.apply(manifest());
  await switchOver();
  await namespace.kubectl(
    ...['annotate', 'service', name],
    ...['fronted-by', 'original-selector', 'original-owner'].map((key) => `chaosgate.dev/${key}-`),
  );
  const service = await read();
  expect(releaseStep(service, GATE)).toBe('lost');
  const step = releaseStep(service, GATE, ORIGINAL);
  if (step === undefined || step === 'lost') throw new Error('There is nothing to release');
  await kube.jsonPatch(SERVICES, service.metadata, step.operations, {
    fieldManager: FRONT_MANAGER,
  });
  expect(await release()).toEqual(['returnOwner']);
  expect((await read()).spec?.selector).toEqual(ORIGINAL);
});
