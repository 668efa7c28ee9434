import { describe, expect, test } from 'vitest';
import type { NetworkPolicy } from '../../../../src/operator/front/egress.ts';
import { type ServerPod, surroundingsProblem } from '../../../../src/operator/front/podsCheck.ts';
import { frontPorts } from '../../../../src/operator/front/ports.ts';
import type { ServicePort } from '../../../../src/operator/front/service.ts';

const GATE_LABELS = { app: 'chaosgate-3f2504e04f', 'chaosgate.dev/gate': 'postgres-chaos' };

function aServer(spec: object = {}): ServerPod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'postgres-0', namespace: 'staging', labels: { app: 'postgres' } },
    spec: {
      containers: [{ name: 'postgres', ports: [{ name: 'sql', containerPort: 5432 }] }],
      ...spec,
    },
  };
}

function aPolicy(egress: object[], namespace = 'staging', policyTypes?: string[]): NetworkPolicy {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'clients', namespace },
    spec: { egress, ...(policyTypes && { policyTypes }) } as NonNullable<NetworkPolicy['spec']>,
  };
}

function found({
  servers = [aServer()],
  policies = [] as readonly NetworkPolicy[],
  targetPort = 5432 as ServicePort['targetPort'],
} = {}) {
  const port = { port: 5432, ...(targetPort === undefined ? {} : { targetPort }) };
  const ports = frontPorts([port], undefined);
  return surroundingsProblem({
    ...{ servers, policies, ports },
    namespace: 'staging',
    gateLabels: GATE_LABELS,
  });
}

test('nothing is in the way where there are no pods and no policies', () => {
  expect(found({ servers: [] })).toBeUndefined();
  expect(found()).toBeUndefined();
});

test.each([
  ['Istio', 'istio-proxy', 'containers'],
  ['Linkerd', 'linkerd-proxy', 'containers'],
  ['Istio', 'istio-proxy', 'initContainers'],
])('a sidecar of %s is reported (%s in %s): MeshSidecar', (mesh, name, field) => {
  expect(found({ servers: [aServer(), aServer({ [field]: [{ name }] })] })).toEqual({
    terminal: true,
    reason: 'MeshSidecar',
    message: `Pod postgres-0 of the Service has a sidecar of ${mesh} (container ${name}), which speaks TLS with the clients' sidecars: a gate would break what it cannot read. Keep the pods of the experiment out of the mesh`,
  });
});

const TO_SERVERS = { podSelector: { matchLabels: { app: 'postgres' } } };

describe('a NetworkPolicy that lets clients connect to servers alone is reported: EgressPolicy', () => {
  test.each<[string, object[]]>([
    ['by a label', [{ to: [TO_SERVERS] }]],
    ['by a label and a port', [{ to: [TO_SERVERS], ports: [{ protocol: 'TCP', port: 5432 }] }]],
    [
      'by an expression',
      [
        {
          to: [
            {
              podSelector: {
                matchExpressions: [{ key: 'app', operator: 'In', values: ['postgres'] }],
              },
            },
          ],
        },
      ],
    ],
    [
      'in that namespace',
      [
        {
          to: [
            {
              ...TO_SERVERS,
              namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'staging' } },
            },
          ],
        },
      ],
    ],
    [
      'in namespaces with a label that nobody here may read',
      [{ to: [{ ...TO_SERVERS, namespaceSelector: { matchLabels: { team: 'db' } } }] }],
    ],
    ['by the name of a port', [{ ports: [{ port: 'sql' }] }]],
  ])('%s', (_, egress) => {
    expect(found({ policies: [aPolicy(egress)] })).toEqual({
      terminal: true,
      reason: 'EgressPolicy',
      message:
        'NetworkPolicy clients in namespace staging lets clients connect to the pods of the Service, and not to those of the gate. Add a rule to its egress that lets them connect to pods with the labels {"chaosgate.dev/gate":"postgres-chaos"}',
    });
  });

  test('by a number that the gate has no port of', () => {
    const policies = [aPolicy([{ ports: [{ port: 5432 }] }])];
    expect(found({ policies })).toBeUndefined();
    expect(found({ policies, targetPort: 'sql' })?.reason).toBe('EgressPolicy');
  });
});

test.each<[string, NetworkPolicy]>([
  ['lets them connect to all', aPolicy([{}])],
  ['lets them connect to none', aPolicy([])],
  [
    'lets them connect to the gate, too',
    aPolicy([
      { to: [TO_SERVERS] },
      { to: [{ podSelector: { matchLabels: { 'chaosgate.dev/gate': 'postgres-chaos' } } }] },
    ]),
  ],
  ['lets them connect to every pod', aPolicy([{ to: [{ podSelector: {} }] }])],
  ['is about other pods', aPolicy([{ to: [{ podSelector: { matchLabels: { app: 'redis' } } }] }])],
  ['is about pods of another namespace', aPolicy([{ to: [TO_SERVERS] }], 'production')],
  [
    'names another namespace',
    aPolicy([
      {
        to: [
          {
            ...TO_SERVERS,
            namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'production' } },
          },
        ],
      },
    ]),
  ],
  ['has no say in egress', aPolicy([{ to: [TO_SERVERS] }], 'staging', ['Ingress'])],
  ['is about addresses', aPolicy([{ to: [{ ipBlock: { cidr: '10.0.0.0/8' } }] }])],
  ['is about UDP', aPolicy([{ to: [TO_SERVERS], ports: [{ protocol: 'UDP', port: 5432 }] }])],
  ['is about other ports', aPolicy([{ to: [TO_SERVERS], ports: [{ port: 80, endPort: 443 }] }])],
])('a NetworkPolicy is not in the way that %s', (_, policy) => {
  expect(found({ policies: [policy] })).toBeUndefined();
});
