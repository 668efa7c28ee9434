import { expect, test } from 'vitest';
import type { KubeObject } from '../../../src/kube/objects.ts';
import { operatorConfig } from '../../../src/operator/config.ts';
import { desiredDeployment } from '../../../src/operator/desired/deployment.ts';
import { desiredNetworkPolicy } from '../../../src/operator/desired/networkPolicy.ts';
import { desiredOriginService } from '../../../src/operator/desired/originService.ts';
import { desiredSecret } from '../../../src/operator/desired/secret.ts';
import { desiredService } from '../../../src/operator/desired/service.ts';
import { differences } from '../../../src/operator/differences.ts';
import { frontPorts } from '../../../src/operator/front/ports.ts';
import { keptChild, keptGate, keptPod } from '../../../src/operator/kept.ts';
import { type Pod, proxyPod } from '../../../src/operator/pods.ts';
import { aFrontGate, aGate } from './fixtures.ts';

const { proxy } = operatorConfig.parse({ proxy: { image: 'chaosgate:test' } });
const operator = { name: 'system/operator', namespace: 'system', labels: { app: 'operator' } };
const gate = aGate();
const snapshot = { generation: 3, config: {} } as Parameters<typeof desiredSecret>[2];

const CHILDREN = {
  Service: desiredService(gate),
  Secret: desiredSecret(gate, Buffer.alloc(32, 1), snapshot, operator.name),
  Deployment: desiredDeployment(gate, proxy),
  NetworkPolicy: desiredNetworkPolicy(gate, operator, proxy.networkPolicy),
};
const KINDS = Object.keys(CHILDREN) as (keyof typeof CHILDREN)[];

/** Characters: about what Kubernetes takes of annotations, and of an object. */
const LARGE = 'x'.repeat(255 * 1024);
const LARGEST = 'x'.repeat(1_000_000);

/** Characters that are kept of an object at most, and bytes of 200 of them: far less than 20 MB. */
const KEPT = 16 * 1024;

// biome-ignore lint/suspicious/noExplicitAny: a test changes any field of it.
type Live = any;

function live(object: object, change: (live: Live) => void = () => {}): Live {
  const copy = JSON.parse(JSON.stringify(object));
  copy.metadata.managedFields = [{ fieldsV1: LARGE }];
  copy.metadata.finalizers = [LARGE];
  copy.metadata.annotations = { ...copy.metadata.annotations, more: LARGE };
  copy.metadata.labels = { ...copy.metadata.labels, more: LARGE };
  change(copy);
  return copy;
}

const keep = (kind: (typeof KINDS)[number], object: KubeObject) =>
  keptChild(kind, object, { proxy, operator });

test.each(KINDS)('of a %s as desired nothing is lost that is compared', (kind) => {
  const kept = keep(kind, live(CHILDREN[kind]));
  expect(kept).toBeDefined();
  // Long texts are hashes on both sides; see `cutTo`.
  expect(differences(kept, keep(kind, live(CHILDREN[kind])))).toEqual([]);
  expect(kept?.metadata.ownerReferences?.[0]).toMatchObject({ uid: 'gate-uid', controller: true });
});

test.each<[(typeof KINDS)[number], (live: Live) => void]>([
  ['Service', ({ spec }) => (spec.externalName = LARGEST)],
  ['Service', ({ spec }) => (spec.selector.more = LARGEST)],
  ['Secret', ({ data }) => (data.more = LARGEST)],
  ['Secret', ({ data }) => (data.key = LARGEST)],
  ['Deployment', ({ spec }) => (spec.template.metadata.annotations = { more: LARGE })],
  ['Deployment', ({ spec }) => (spec.template.spec.containers[0].env = [{ value: LARGEST }])],
  [
    'Deployment',
    ({ spec }) => spec.template.spec.volumes.push(...Array(50_000).fill({ name: 'a' })),
  ],
  [
    'Deployment',
    (one) => (one.status = { conditions: [{ type: 'Progressing', message: LARGEST }] }),
  ],
  ['NetworkPolicy', ({ spec }) => spec.ingress.push(...Array(50_000).fill({}))],
])('of the largest %s little is kept: %s', (kind, change) => {
  const kept = keep(kind, live(CHILDREN[kind], change));
  expect(JSON.stringify(kept).length).toBeLessThan(KEPT);
});

test.each(KINDS)('a %s that no gate owns by that name is not kept', (kind) => {
  const change = (change: (live: Live) => void) => keep(kind, live(CHILDREN[kind], change));
  expect(change(({ metadata }) => delete metadata.ownerReferences)).toBeUndefined();
  expect(change(({ metadata }) => (metadata.name = 'other'))).toBeUndefined();
  const [owner] = CHILDREN[kind].metadata.ownerReferences;
  const others = [
    { ...owner, kind: 'ReplicaSet' },
    { ...owner, controller: false },
  ];
  for (const other of others) {
    expect(change(({ metadata }) => (metadata.ownerReferences = [other]))).toBeUndefined();
  }
});

test('of a gate its spec and its status are kept, and no annotations of others', () => {
  const object = { apiVersion: 'chaosgate.dev/v1alpha1', kind: 'TcpGate', ...gate, status: {} };
  const kept = keptGate(live(object));
  expect(kept).toEqual(object);
  const nudged = ['a', 'b'].map((last) => {
    const annotations = { 'chaosgate.dev/reconcile-requested-at': `${LARGE}${last}` };
    return keptGate(live(object, ({ metadata }) => (metadata.annotations = annotations))).metadata;
  });
  expect(JSON.stringify(nudged).length).toBeLessThan(KEPT);
  expect(nudged[0]?.annotations).not.toEqual(nudged[1]?.annotations);
});

const POD: Pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name: 'postgres-chaosgate-5d-abcde',
    namespace: 'staging',
    uid: 'pod-uid',
    creationTimestamp: '2026-01-01T00:00:00Z',
    labels: { 'chaosgate.dev/gate': 'postgres' },
    ownerReferences: [
      {
        apiVersion: 'apps/v1',
        kind: 'ReplicaSet',
        name: 'postgres-chaosgate-5d',
        uid: 'set-uid',
        controller: true,
      },
    ],
  },
  status: {
    podIP: '10.0.0.1',
    phase: 'Running',
    conditions: [{ type: 'Ready', status: 'False', reason: 'ContainersNotReady' }],
    containerStatuses: [
      {
        name: 'proxy',
        state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off' } },
        lastState: { terminated: { exitCode: 3, reason: 'Error', message: 'no' } },
      },
    ],
  },
};

test('of a pod what is read is kept, and little of the largest one', () => {
  const kept = keptPod(live({ ...POD, spec: { containers: [{ name: 'proxy' }] } }));
  expect(kept && proxyPod(kept)).toEqual(proxyPod(POD));
  const largest = keptPod(
    live(POD, (pod) => {
      pod.spec = { containers: [{ env: [{ value: LARGEST }] }] };
      pod.status.message = LARGEST;
      pod.status.conditions[0].message = LARGEST;
      pod.status.containerStatuses[0].state.waiting.message = LARGEST;
    }),
  );
  expect(JSON.stringify(largest).length).toBeLessThan(KEPT);
});

test("a pod that is not of a gate's Deployment is not kept", () => {
  expect(keptPod({ ...POD, metadata: { ...POD.metadata, ownerReferences: [] } })).toBeUndefined();
  expect(keptPod({ ...POD, metadata: { ...POD.metadata, labels: {} } })).toBeUndefined();
});

/** What a gate in front of a Service with so many ports needs. */
function frontChildren(count: number): Live[] {
  const front = aFrontGate();
  const ports = Array.from({ length: count }, (_, n) => ({ name: `port-${n}`, port: 1_024 + n }));
  const original = { app: 'postgres' };
  const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'any' }, spec: { ports } };
  const fronted = { ports: frontPorts(ports, undefined), original };
  return [
    desiredOriginService(front, service, original),
    desiredDeployment(front, proxy, fronted),
    desiredNetworkPolicy(front, operator, proxy.networkPolicy, fronted),
  ];
}

test.each([1, 100])('all of what a Service with %d ports makes of a gate is kept', (count) => {
  for (const child of frontChildren(count)) {
    const kept = keptChild(child.kind, live(child), { proxy, operator });
    const same = keptChild(child.kind, live(child), { proxy, operator });
    expect(differences(kept, same)).toEqual([]);
    expect((kept as Live).spec).toEqual(JSON.parse(JSON.stringify(child)).spec);
    expect(JSON.stringify(kept).length).toBeLessThan(64 * 1024);
  }
});

test('what somebody adds to a child of a gate in front of a Service costs next to nothing', () => {
  for (const child of frontChildren(1)) {
    const changed = live(child, ({ spec }) => {
      spec.more = LARGEST;
    });
    const kept = keptChild(child.kind, changed, { proxy, operator });
    expect(JSON.stringify(kept).length).toBeLessThan(KEPT);
  }
});

test('the finalizer of a gate is kept in its place, and no other text', () => {
  const finalizers = [LARGE, 'chaosgate.dev/release', LARGE];
  const { metadata } = keptGate({ ...live(aFrontGate()), metadata: { name: 'any', finalizers } });
  expect(metadata.finalizers).toEqual(['', 'chaosgate.dev/release']);
});
