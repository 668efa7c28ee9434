import { describe, expect, test } from 'vitest';
import { operatorConfig } from '../../../src/operator/config.ts';
import { desiredDeployment } from '../../../src/operator/desired/deployment.ts';
import { desiredNetworkPolicy } from '../../../src/operator/desired/networkPolicy.ts';
import { desiredSecret } from '../../../src/operator/desired/secret.ts';
import { desiredService } from '../../../src/operator/desired/service.ts';
import { differences, operations } from '../../../src/operator/differences.ts';
import { aGate } from './fixtures.ts';

const resources = { limits: { cpu: 0.5, memory: '512Mi' } };
const { proxy } = operatorConfig.parse({ proxy: { image: 'chaosgate:test', resources } });
const snapshot = { generation: 3, config: {} } as Parameters<typeof desiredSecret>[2];

const operator = { name: 'system/operator', namespace: 'system', labels: { app: 'operator' } };

const DESIRED = {
  Service: desiredService(aGate()),
  Deployment: desiredDeployment(aGate(), proxy),
  NetworkPolicy: desiredNetworkPolicy(aGate(), operator, proxy.networkPolicy),
  Secret: desiredSecret(aGate(), Buffer.alloc(32, 1), snapshot, operator.name),
};

// biome-ignore lint/suspicious/noExplicitAny: a test changes any field of it.
type Live = any;

const container = (live: Live) => live.spec.template.spec.containers[0];
const podSpec = (live: Live) => live.spec.template.spec;

/** What the API server gives back of what was asked for. */
function live(kind: keyof typeof DESIRED, change: (live: Live) => void): Live {
  const object = structuredClone(JSON.parse(JSON.stringify(DESIRED[kind])));
  change(object);
  return object;
}

function found(kind: keyof typeof DESIRED, change: (live: Live) => void): string[] {
  return differences(live(kind, change), DESIRED[kind]).map(({ path }) => path.join('.'));
}

describe('what the gate depends on is compared exactly', () => {
  test.each<[keyof typeof DESIRED, string, (live: Live) => void]>([
    ['Service', 'spec.selector', ({ spec }) => (spec.selector.app = 'x')],
    ['Service', 'spec.selector', ({ spec }) => delete spec.selector],
    ['Service', 'spec.ports', ({ spec }) => spec.ports.push({ name: 'more', port: 1 })],
    ['Service', 'spec.ports', ({ spec }) => (spec.ports[0].targetPort = 80)],
    ['Service', 'spec.type', ({ spec }) => (spec.type = 'ExternalName')],
    ['Service', 'spec.internalTrafficPolicy', ({ spec }) => (spec.internalTrafficPolicy = 'Local')],
    [
      'Service',
      'spec.publishNotReadyAddresses',
      ({ spec }) => (spec.publishNotReadyAddresses = true),
    ],
    ['Deployment', 'spec.replicas', ({ spec }) => (spec.replicas = 0)],
    ['Deployment', 'spec.paused', ({ spec }) => (spec.paused = true)],
    ['Deployment', 'spec.template.spec.hostNetwork', (one) => (podSpec(one).hostNetwork = true)],
    ['Deployment', 'spec.template.spec.containers.0.image', (one) => (container(one).image = 'x')],
    [
      'Deployment',
      'spec.template.spec.containers.0.args',
      (one) => container(one).args.push('--x'),
    ],
    [
      'Deployment',
      'spec.template.spec.containers.0.command',
      (one) => (container(one).command = ['sh']),
    ],
    [
      'Deployment',
      'spec.template.spec.containers.0.env',
      (one) => (container(one).env = [{ name: 'A' }]),
    ],
    ['Deployment', 'spec.template.spec.containers.0.ports', (one) => container(one).ports.pop()],
    [
      'Deployment',
      'spec.template.spec.containers.0.ports',
      (one) => container(one).ports.push({ containerPort: 1 }),
    ],
    [
      'Deployment',
      'spec.template.spec.containers.0.livenessProbe',
      (one) => (container(one).livenessProbe.exec = { command: ['true'] }),
    ],
    [
      'Deployment',
      'spec.template.spec.containers.0.readinessProbe',
      (one) => (container(one).readinessProbe.initialDelaySeconds = 9),
    ],
    [
      'Deployment',
      'spec.template.spec.containers.0.securityContext',
      (one) => (container(one).securityContext.privileged = true),
    ],
    [
      'Deployment',
      'spec.template.spec.containers.0.volumeMounts',
      (one) => (container(one).volumeMounts[0].subPath = 'x'),
    ],
    [
      'Deployment',
      'spec.template.spec.containers.0.resources.limits.memory',
      (one) => (container(one).resources.limits.memory = '1Mi'),
    ],
    ['Deployment', 'spec.template.spec.containers.-', (one) => (container(one).name = 'other')],
    [
      'Deployment',
      'spec.template.spec.volumes.0.secret',
      (one) => (podSpec(one).volumes[0].secret.secretName = 'x'),
    ],
    [
      'Deployment',
      'spec.template.spec.securityContext',
      (one) => (podSpec(one).securityContext.runAsUser = 0),
    ],
    ['NetworkPolicy', 'spec.podSelector', ({ spec }) => (spec.podSelector.matchLabels.app = 'x')],
    ['NetworkPolicy', 'spec.ingress', ({ spec }) => spec.ingress.push({})],
    ['NetworkPolicy', 'spec.ingress', ({ spec }) => (spec.ingress[0].from = [{ podSelector: {} }])],
    ['NetworkPolicy', 'spec.policyTypes', ({ spec }) => spec.policyTypes.push('Egress')],
    ['Secret', 'data', ({ data }) => (data.more = 'eA==')],
    ['Secret', 'data', ({ data }) => (data.key = 'eA==')],
    [
      'Secret',
      'metadata.ownerReferences.-',
      ({ metadata }) => (metadata.ownerReferences[0].uid = 'x'),
    ],
  ])('%s: %s', (kind, path, change) => {
    expect(found(kind, change)).toEqual([path]);
  });
});

describe('what others may add is left', () => {
  test.each<[keyof typeof DESIRED, string, (live: Live) => void]>([
    ['Service', 'a label', ({ metadata }) => (metadata.labels.team = 'x')],
    [
      'Service',
      'defaults',
      ({ spec }) =>
        Object.assign(spec, {
          clusterIP: '10.0.0.1',
          sessionAffinity: 'None',
          publishNotReadyAddresses: false,
        }),
    ],
    ['Service', 'a protocol of the port', ({ spec }) => (spec.ports[0].appProtocol = 'tcp')],
    [
      'Deployment',
      'an annotation of its pods',
      (one) => (one.spec.template.metadata.annotations = { restartedAt: 'now' }),
    ],
    [
      'Deployment',
      'defaults',
      (one) => Object.assign(container(one), { terminationMessagePath: '/dev/termination-log' }),
    ],
    ['Deployment', 'a sidecar', (one) => podSpec(one).containers.unshift({ name: 'mesh' })],
    [
      'Deployment',
      'a volume',
      (one) => podSpec(one).volumes.unshift({ name: 'mesh', emptyDir: {} }),
    ],
    ['Deployment', 'a toleration', (one) => (podSpec(one).tolerations = [{ operator: 'Exists' }])],
    ['Deployment', 'a canonical quantity', (one) => (container(one).resources.limits.cpu = '500m')],
    ['Deployment', 'a request', (one) => (container(one).resources.requests = { cpu: '1' })],
    ['Secret', 'another owner', ({ metadata }) => metadata.ownerReferences.unshift({ uid: 'x' })],
    ['Secret', 'a finalizer', ({ metadata }) => (metadata.finalizers = ['x'])],
  ])('%s: %s', (kind, _, change) => {
    expect(found(kind, change)).toEqual([]);
  });
});

describe('the operations', () => {
  test('set a whole field, name places in lists, and escape names', () => {
    const changed = live('Deployment', (one) => {
      podSpec(one).containers.unshift({ name: 'mesh' });
      podSpec(one).containers[1].env = [{ name: 'A', value: 'b' }];
      one.metadata.labels['app.kubernetes.io/name'] = 'x';
    });
    expect(operations(differences(changed, DESIRED.Deployment))).toEqual([
      { op: 'add', path: '/metadata/labels/app.kubernetes.io~1name', value: 'chaosgate-proxy' },
      { op: 'remove', path: '/spec/template/spec/containers/1/env' },
    ]);
  });

  test('add a container that is missing at the end of the list', () => {
    const changed = live('Deployment', (one) => (container(one).name = 'other'));
    const [operation] = operations(differences(changed, DESIRED.Deployment));
    expect(operation).toMatchObject({
      op: 'add',
      path: '/spec/template/spec/containers/-',
      value: { name: 'proxy' },
    });
  });
});
