/**
 * The operator dies after each of its writes while it puts a gate in front of a Service, and while it takes it away: an
 * operator after it brings the Service to where it should be, and it always leads to somebody.
 */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { API_VERSION, KIND } from '../../../src/api/names.ts';
import type { TcpGateStatus } from '../../../src/api/status.ts';
import { Kube } from '../../../src/kube/client.ts';
import { loadKubeConfig } from '../../../src/kube/config.ts';
import { isNotFound } from '../../../src/kube/errors.ts';
import type { KubeObject } from '../../../src/kube/objects.ts';
import { Reflector } from '../../../src/kube/reflector.ts';
import type { Resource } from '../../../src/kube/resource.ts';
import { leadsTo, type SelectingService } from '../../../src/operator/front/handover.ts';
import { CHILDREN, PODS, TCP_GATES } from '../../../src/operator/resources.ts';
import { eventually } from './support/eventually.ts';
import { MortalOperator } from './support/mortalOperator.ts';
import { Namespace } from './support/namespace.ts';
import { StandIns } from './support/standIns.ts';
import { scaleOperator } from './support/system.ts';

const SERVICES = CHILDREN.Service as Resource<SelectingService>;
const SELECTOR = { app: 'db', tier: 'data' };
const GATE = 'db-chaos';

type Gate = KubeObject & { readonly status?: TcpGateStatus };

let kube: Kube;
let namespace: Namespace;
let standIns: StandIns;
let services: Reflector<SelectingService>;
/** What is wrong with a version of a Service that anybody could see. */
let wrong: string[];
const operators: MortalOperator[] = [];

beforeAll(async () => {
  // One operator for each gate: here they are those of the tests.
  await scaleOperator(0);
  const { config } = await loadKubeConfig();
  kube = new Kube(config, { userAgent: 'chaosgate-test' });
  namespace = await Namespace.create('front-crash');
  standIns = new StandIns(kube, namespace.name);
  wrong = [];
  services = new Reflector({
    kube,
    resource: SERVICES,
    namespace: namespace.name,
    keep: (service) => service,
    onChange: (_, service) => service !== undefined && look(service),
    onError: () => {},
  });
  services.start();
  await services.synced;
  await kube.create(PODS, serverPod());
});

afterAll(async () => {
  await services.stop();
  await standIns.stop();
  await namespace.tryKubectl('delete', 'namespace', namespace.name, '--wait=false');
  await kube.close();
  await scaleOperator(1);
});

beforeEach(async () => {
  wrong = [];
  await createService();
});

afterEach(async () => {
  for (const operator of operators.splice(0)) await operator.stop();
  // What a test that failed has left.
  const { items } = await kube.list(TCP_GATES, { namespace: namespace.name });
  for (const { metadata } of items) {
    await kube.mergePatch(TCP_GATES, metadata, { metadata: { finalizers: null } });
    await kube.delete(TCP_GATES, metadata);
  }
  await namespace.kubectl('delete', 'service', 'db', '--ignore-not-found');
});

/** The Service leads to its servers, or to a gate whose pods are there. */
function look(service: SelectingService): void {
  const values = Object.values(service.spec?.selector ?? {});
  if (service.metadata.name !== 'db' || values.join() === Object.values(SELECTOR).join()) return;
  const isGates =
    values.length === 2 && values.every((value) => /^chaosgate-[0-9a-f]{10}$/.test(value));
  if (!isGates) wrong.push(JSON.stringify(service.spec?.selector));
  else if (standIns.snapshots(GATE).length === 0) wrong.push('It leads to a gate without pods');
}

function serverPod(): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'db-0', namespace: namespace.name, labels: SELECTOR },
    spec: {
      schedulerName: 'nobody',
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [
        {
          name: 'server',
          image: 'none',
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
        },
      ],
    },
  } as KubeObject;
}

async function createService(ports: readonly object[] = [{ port: 5_432 }]): Promise<void> {
  await namespace.apply({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'db' },
    spec: { selector: SELECTOR, ports },
  });
}

function createGate(name = GATE, spec: object = {}): Promise<KubeObject> {
  return kube.create(TCP_GATES, {
    apiVersion: API_VERSION,
    kind: KIND,
    metadata: { name, namespace: namespace.name },
    spec: { service: { name: 'db', drainSeconds: 5 }, ...spec },
  } as KubeObject);
}

async function operator(lives?: number): Promise<MortalOperator> {
  const started = await MortalOperator.start(namespace.name, lives);
  operators.push(started);
  return started;
}

const readGate = (name = GATE) => kube.get<Gate>(TCP_GATES, { name, namespace: namespace.name });
const readService = () => kube.get(SERVICES, { name: 'db', namespace: namespace.name });

async function condition(type: string, name = GATE) {
  const { status } = await readGate(name);
  return status?.conditions?.find((one) => one.type === type);
}

async function becomes(type: string, status: string, reason?: string, name = GATE): Promise<void> {
  await eventually(async () => {
    const found = await condition(type, name);
    expect(found).toMatchObject({ status, ...(reason === undefined ? {} : { reason }) });
  });
}

/** The Service leads to the gate, which says so, and whose proxies run its faults. */
async function isInFront(name = GATE): Promise<void> {
  await becomes('InFront', 'True', undefined, name);
  const { uid = '' } = (await readGate(name)).metadata;
  expect(leadsTo(await readService(), uid)).toBe(true);
  await eventually(() => {
    const snapshots = standIns.snapshots(name);
    expect(snapshots.length).toBeGreaterThan(0);
    for (const snapshot of snapshots) expect(snapshot?.stop).toBeUndefined();
  });
}

async function isGone(name = GATE): Promise<void> {
  await eventually(async () => {
    await expect(readGate(name)).rejects.toSatisfy(isNotFound);
  });
}

/** Nothing tells that there was a gate, but for the version. */
async function isAsItWas(...others: readonly string[]): Promise<void> {
  const { metadata, spec } = await readService();
  expect(spec?.selector).toEqual(SELECTOR);
  expect(metadata.labels).toBeUndefined();
  expect(Object.keys(metadata.annotations ?? {})).toEqual([
    'kubectl.kubernetes.io/last-applied-configuration',
  ]);
  const owners = metadata.managedFields?.map(({ manager }) => manager);
  expect(owners).toEqual(['kubectl-client-side-apply', ...others]);
  expect(JSON.stringify(metadata.managedFields)).toContain('"f:selector"');
}

/** Garbage collection has taken all that the gate owned. */
async function isClean(name = GATE): Promise<void> {
  await eventually(async () => {
    for (const kind of ['service', 'secret', 'deployment', 'networkpolicy']) {
      expect(await namespace.list(kind, `chaosgate.dev/gate=${name}`)).toEqual([]);
    }
  });
}

async function deleteGate(name = GATE): Promise<void> {
  await kube.delete(TCP_GATES, { name, namespace: namespace.name });
}

async function removed(name = GATE, ...others: readonly string[]): Promise<void> {
  await isGone(name);
  await isAsItWas(...others);
  await isClean(name);
}

test('after each write on the way in front', { timeout: 600_000 }, async () => {
  for (let lives = 1; ; lives += 1) {
    await createGate();
    const mortal = await operator(lives);
    await Promise.race([mortal.death, isInFront()]);
    const hasDied = mortal.isDead;
    await mortal.stop();
    const successor = await operator();
    await isInFront();
    await deleteGate();
    await removed();
    await successor.stop();
    expect(wrong, mortal.writes.join()).toEqual([]);
    if (hasDied) continue;
    expect(lives).toBeGreaterThan(6);
    return;
  }
});

test('after each write on the way back', { timeout: 600_000 }, async () => {
  for (let lives = 1; ; lives += 1) {
    await createGate();
    const first = await operator();
    await isInFront();
    await first.stop();
    await deleteGate();
    const mortal = await operator(lives);
    await Promise.race([mortal.death, isGone()]);
    const hasDied = mortal.isDead;
    await mortal.stop();
    const successor = await operator();
    await removed();
    await successor.stop();
    expect(wrong, mortal.writes.join()).toEqual([]);
    if (hasDied) continue;
    expect(lives).toBeGreaterThan(3);
    return;
  }
});

const patchService = (patch: object) =>
  namespace.kubectl('patch', 'service', 'db', '--type=merge', '-p', JSON.stringify(patch));

test('a gate that is deleted while the operator is away is taken away when it is back', async () => {
  await createGate();
  const first = await operator();
  await isInFront();
  await first.stop();
  await deleteGate();
  const { uid = '' } = (await readGate()).metadata;
  expect(leadsTo(await readService(), uid)).toBe(true);
  await operator();
  await removed();
});

test('whoever changes the selector of the Service wins, until the gate is asked for again', async () => {
  await createGate();
  await operator();
  await isInFront();
  await createService();
  await becomes('InFront', 'False', 'Reverted');
  expect((await condition('InFront'))?.message).toContain('"kubectl-client-side-apply"');
  expect((await condition('Stalled'))?.reason).toBe('Reverted');
  await isAsItWas();
  await eventually(() => {
    for (const snapshot of standIns.snapshots(GATE)) expect(snapshot?.stop).toBe('Released');
  });
  // An operator that knows nothing of that stays away, too.
  await operators.splice(0)[0]?.stop();
  await operator();
  await patchService({ metadata: { annotations: { any: 'change' } } });
  await patchService({ metadata: { annotations: { any: null } } });
  await becomes('InFront', 'False', 'Reverted');
  expect((await readService()).spec?.selector).toEqual(SELECTOR);

  await namespace.patch(GATE, { faultsNonce: 'again' });
  await isInFront();
  await deleteGate();
  await removed();
});

test('a Service that is replaced as a whole is left as it is then', async () => {
  await createGate();
  await operator();
  await isInFront();
  const { metadata, spec } = await readService();
  const { labels: _, annotations: _a, managedFields: _m, ...rest } = metadata;
  await kube.replace(SERVICES, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: rest,
    spec: { ...spec, selector: SELECTOR },
  });
  await becomes('InFront', 'False', 'Reverted');
  expect((await readService()).metadata.uid).toBe(metadata.uid);
  expect((await readService()).spec?.selector).toEqual(SELECTOR);
  await deleteGate();
  await isGone();
});

test('a Service whose marks somebody removes gets them back, and the gate stays in front', async () => {
  await createGate();
  await operator();
  await isInFront();
  await namespace.kubectl('annotate', 'service', 'db', 'chaosgate.dev/original-selector-');
  await eventually(async () => {
    const { annotations = {} } = (await readService()).metadata;
    expect(JSON.parse(annotations['chaosgate.dev/original-selector'] ?? '{}')).toEqual(SELECTOR);
  });
  await namespace.kubectl('label', 'service', 'db', 'chaosgate.dev/gate-');
  await eventually(async () => {
    expect((await readService()).metadata.labels).toEqual({ 'chaosgate.dev/gate': GATE });
  });
  await isInFront();
  await deleteGate();
  await removed();
});

test('a Service that is deleted keeps nothing: a gate in front of it goes at once', async () => {
  await createGate();
  await operator();
  await isInFront();
  await namespace.kubectl('delete', 'service', 'db');
  await becomes('Stalled', 'True', 'ServiceNotFound');
  await createService();
  await isInFront();
  await namespace.kubectl('delete', 'service', 'db');
  const before = performance.now();
  await deleteGate();
  await isGone();
  expect(performance.now() - before).toBeLessThan(2_000);
  await isClean();
});

test('an origin Service that is deleted is made again, and the gate goes on', async () => {
  await createGate();
  await operator();
  await isInFront();
  const origin = `${GATE}-origin`;
  const before = await namespace.get<SelectingService>('service', origin);
  await namespace.kubectl('delete', 'service', origin);
  await eventually(async () => {
    const { metadata, spec } = await namespace.get<SelectingService>('service', origin);
    expect(metadata.uid).not.toBe(before.metadata.uid);
    expect(spec?.selector).toEqual(SELECTOR);
  });
  await eventually(async () => {
    const { spec } = await namespace.get<{ spec: { clusterIP: string } }>('service', origin);
    const hosts = standIns.snapshots(GATE).map((snapshot) => snapshot?.config.upstream.host);
    expect(new Set(hosts)).toEqual(new Set([spec.clusterIP]));
  });
  await isInFront();
  await deleteGate();
  await removed();
});

test('other ports: the servers are back at once, and the gate once its pods have the ports', async () => {
  await createGate();
  await operator();
  await isInFront();
  const ports = [
    { name: 'sql', port: 5_432 },
    { name: 'metrics', port: 9_187, targetPort: 'metrics' },
  ];
  const seen: string[] = [];
  const watching = new Reflector<Gate>({
    kube,
    resource: TCP_GATES as Resource<Gate>,
    namespace: namespace.name,
    onChange: (_, gate) => {
      const found = gate?.status?.conditions?.find(({ type }) => type === 'InFront');
      if (found !== undefined) seen.push(found.reason);
    },
    onError: () => {},
  });
  watching.start();
  await watching.synced;
  await patchService({ spec: { ports } });
  await eventually(() => expect(seen).toContain('PortsChanged'));
  await eventually(() => expect(seen.slice(seen.indexOf('PortsChanged'))).toContain('InFront'));
  await watching.stop();
  await isInFront();
  for (const snapshot of standIns.snapshots(GATE)) {
    expect(snapshot?.ports?.map(({ upstream }) => upstream)).toEqual([5_432, 9_187]);
  }
  await deleteGate();
  await removed(GATE, 'kubectl-patch');
});

test('of two gates for one Service the second stays away, and comes when the first has left', async () => {
  await createGate();
  await operator();
  await isInFront();
  await createGate('second');
  await becomes('Stalled', 'True', 'AlreadyFronted', 'second');
  await deleteGate();
  await isGone();
  await isInFront('second');
  await deleteGate('second');
  await removed('second');
});

test('two gates that are made at once: one of them is in front', async () => {
  await operator();
  await Promise.all([createGate('one'), createGate('two')]);
  await eventually(async () => {
    const found = await Promise.all([condition('InFront', 'one'), condition('InFront', 'two')]);
    const reasons = new Set(found.map((one) => one?.reason));
    expect(reasons).toEqual(new Set(['AlreadyFronted', 'InFront']));
  });
  await Promise.all([deleteGate('one'), deleteGate('two')]);
  await isGone('one');
  await isGone('two');
  await removed('one');
});

test('connections are drained, at most as long as the gate says', async () => {
  await createGate();
  await operator();
  await isInFront();
  standIns.connect(GATE, 3);
  await becomes('Connected', 'True');
  const before = performance.now();
  await deleteGate();
  await eventually(async () => {
    expect((await readService()).spec?.selector).toEqual(SELECTOR);
  });
  expect(performance.now() - before).toBeLessThan(1_000);
  await eventually(async () => expect((await condition('InFront'))?.reason).toBe('Draining'));
  for (const snapshot of standIns.snapshots(GATE)) expect(snapshot?.stop).toBe('Released');
  await isGone();
  expect(performance.now() - before).toBeGreaterThan(5_000);
  await removed();
});

test('a gate that is in front of nothing yet is gone at once', async () => {
  await namespace.kubectl('delete', 'service', 'db');
  await operator();
  await createGate();
  await becomes('Stalled', 'True', 'ServiceNotFound');
  expect((await readGate()).metadata.finalizers).toBeUndefined();
  await deleteGate();
  await isGone();
});

test('what is in the way of a gate may be outside of its Service, and is looked at again', async () => {
  await namespace.apply({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'clients' },
    spec: {
      podSelector: {},
      policyTypes: ['Egress'],
      egress: [{ to: [{ podSelector: { matchLabels: SELECTOR } }] }],
    },
  });
  await operator();
  await createGate();
  await becomes('Stalled', 'True', 'EgressPolicy');
  expect((await readGate()).metadata.finalizers).toBeUndefined();
  await namespace.kubectl('delete', 'networkpolicy', 'clients');
  await isInFront();
  await deleteGate();
  await removed();
});

test('a gate is not put in front of the Service of a gate', async () => {
  await operator();
  await createGate('plain', { service: undefined, upstream: { host: 'db', port: 5_432 } });
  await eventually(() => namespace.get('service', 'plain'));
  await createGate(GATE, { service: { name: 'plain' } });
  await becomes('Stalled', 'True', 'OwnedByController');
  await deleteGate();
  await deleteGate('plain');
  await isGone();
  await isClean('plain');
});

test('servers that are gone for a while change nothing but that nobody answers', async () => {
  await createGate();
  await operator();
  await isInFront();
  await namespace.kubectl('delete', 'pod', 'db-0');
  await kube.create(PODS, serverPod());
  await isInFront();
  await deleteGate();
  await removed();
});

test('a namespace that is deleted takes its gate along', async () => {
  await createGate();
  await operator();
  await isInFront();
  await namespace.delete();
  await eventually(
    async () => {
      const { stdout } = await namespace.tryKubectl(
        'get',
        'namespace',
        namespace.name,
        '-o',
        'name',
      );
      expect(stdout).toBe('');
    },
    { timeoutMs: 90_000 },
  );
});
