import { describe, expect, test } from 'vitest';
import { serviceProblem } from '../../../../src/operator/front/check.ts';
import type { Service } from '../../../../src/operator/front/service.ts';
import { aFrontGate } from '../fixtures.ts';

const SETTINGS = { front: true, requireConsent: false };
const USE_UPSTREAM =
  'Delete the gate, create it with spec.upstream, and point the clients to the gate';

function aService(spec: object = {}, metadata: object = {}): Service {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'postgres', namespace: 'staging', uid: 'service-uid', ...metadata },
    spec: {
      type: 'ClusterIP',
      clusterIP: '10.96.12.34',
      selector: { app: 'postgres' },
      ports: [{ name: 'sql', protocol: 'TCP', port: 5432, targetPort: 5432 }],
      sessionAffinity: 'None',
      internalTrafficPolicy: 'Cluster',
      ...spec,
    },
  };
}

function owner(kind: string, name: string, apiVersion = 'apps/v1') {
  return { ownerReferences: [{ apiVersion, kind, name, uid: 'u', controller: true }] };
}

const found = (service: Service | undefined, gate = aFrontGate(), settings = SETTINGS) =>
  serviceProblem(gate, service, settings);

describe('nothing is in the way of', () => {
  test.each<[string, Service]>([
    ['a Service of its own', aService()],
    ['a NodePort', aService({ type: 'NodePort', externalTrafficPolicy: 'Cluster' })],
    ['a load balancer', aService({ type: 'LoadBalancer', externalTrafficPolicy: 'Cluster' })],
    ['endpoints that are not ready', aService({ publishNotReadyAddresses: true })],
    [
      'an owner that is no controller',
      aService(
        {},
        {
          ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'a', uid: 'u' }],
        },
      ),
    ],
    [
      'the label of Helm and of Argo CD',
      aService(
        {},
        {
          labels: { 'app.kubernetes.io/instance': 'db', 'app.kubernetes.io/managed-by': 'Helm' },
        },
      ),
    ],
    [
      'a Service that Argo CD keeps, and whose owner agrees',
      aService(
        {},
        {
          annotations: {
            'argocd.argoproj.io/tracking-id': 'db:/Service:staging/postgres',
            'chaosgate.dev/front': 'allowed',
          },
        },
      ),
    ],
    [
      'this gate in front',
      aService(
        { selector: { app: 'chaosgate-3f2504e04f' } },
        {
          annotations: {
            'chaosgate.dev/fronted-by':
              '{"name":"postgres-chaos","uid":"3f2504e0-4f89-41d3-9a0c-0305e82c3301"}',
          },
        },
      ),
    ],
  ])('%s', (_, service) => expect(found(service)).toBeUndefined());
});

test.each<[string, Service | undefined, string]>([
  [
    'ServiceNotFound',
    undefined,
    'There is no Service postgres in namespace staging, or it is being deleted. Create it, or delete the gate and create it with the right spec.service.name',
  ],
  [
    'ServiceNotFound',
    aService({}, { deletionTimestamp: '2026-01-01T00:00:00Z' }),
    'There is no Service postgres in namespace staging, or it is being deleted. Create it, or delete the gate and create it with the right spec.service.name',
  ],
  [
    'Headless',
    aService({ clusterIP: 'None' }),
    `Service postgres is headless: its clients connect to the pods themselves, and never through the Service. ${USE_UPSTREAM}`,
  ],
  [
    'ExternalName',
    aService({ type: 'ExternalName', clusterIP: undefined, selector: undefined }),
    'Service postgres is a name of another host (type ExternalName), and leads to no pods. Delete the gate, create it with that host in spec.upstream, and point the clients to the gate',
  ],
  [
    'NoSelector',
    aService({ selector: undefined }),
    `Service postgres has no selector: somebody writes its endpoints. ${USE_UPSTREAM}`,
  ],
  ...['pod-template-hash', 'chaosgate.dev/gate'].map((key): [string, Service, string] => [
    'UnusableSelector',
    aService({ selector: { app: 'postgres', [key]: 'a' } }),
    `Service postgres selects pods by their label ${key}, which a gate's pods have with another value. Select the servers by labels of their own`,
  ]),
  [
    'AlreadyFronted',
    aService({}, { annotations: { 'chaosgate.dev/fronted-by': '{"name":"other","uid":"b"}' } }),
    'Service postgres has gate other in front of it already. Delete one of the two gates; a gate that is gone is taken off by "chaosgate release postgres"',
  ],
  [
    'AlreadyFronted',
    aService({ selector: { app: 'chaosgate-0123456789' } }),
    'Service postgres leads to a gate already, by its selector, and does not tell which (chaosgate-0123456789). Give it the selector of its servers, as docs/in-front-of-a-service.md says',
  ],
  [
    'RolloutManaged',
    aService({}, { annotations: { 'argo-rollouts.argoproj.io/managed-by-rollouts': 'db' } }),
    `Argo Rollouts changes the selector of Service postgres while it rolls out. ${USE_UPSTREAM}`,
  ],
  [
    'RolloutManaged',
    aService({ selector: { app: 'postgres', 'rollouts-pod-template-hash': '6579c6cc98' } }),
    `Argo Rollouts changes the selector of Service postgres while it rolls out. ${USE_UPSTREAM}`,
  ],
  [
    'RolloutManaged',
    aService({}, owner('Canary', 'db', 'flagger.app/v1beta1')),
    `Flagger changes the selector of Service postgres while it rolls out. ${USE_UPSTREAM}`,
  ],
  [
    'OwnedByController',
    aService({}, owner('Cluster', 'db', 'postgresql.cnpg.io/v1')),
    `Service postgres belongs to Cluster db, whose controller would put its selector back. ${USE_UPSTREAM}`,
  ],
  [
    'OwnedByController',
    aService({}, owner('TcpGate', 'other', 'chaosgate.dev/v1alpha1')),
    'Service postgres belongs to gate other. Delete the gate and create it with the name of the Service of the servers in spec.service.name',
  ],
  [
    'NotTcp',
    aService({ ports: [{ port: 53 }, { port: 53, protocol: 'UDP' }] }),
    'Port 53 of Service postgres is UDP, and a gate carries TCP alone: all ports of a Service lead to the same pods. Give the TCP ports a Service of their own',
  ],
  [
    'TooManyPorts',
    aService({ ports: Array.from({ length: 101 }, (_, index) => ({ port: index + 1 })) }),
    'Service postgres has 101 ports, and a gate serves at most 100. Give the ports that faults are for a Service of their own',
  ],
  [
    'SessionAffinity',
    aService({ sessionAffinity: 'ClientIP' }),
    'Service postgres leads each client to one server (sessionAffinity: ClientIP), and behind a gate all clients have the address of the gate. Set sessionAffinity to None for the time of the experiment',
  ],
  ...(['internalTrafficPolicy', 'externalTrafficPolicy'] as const).map(
    (field): [string, Service, string] => [
      'LocalTrafficPolicy',
      aService({ [field]: 'Local' }),
      `Service postgres leads clients to pods of their own node alone (${field}: Local), and a gate does not run on every node. Set ${field} to Cluster for the time of the experiment`,
    ],
  ),
  ...(
    [
      ['Argo CD', { annotations: { 'argocd.argoproj.io/tracking-id': 'x' } }],
      ['Flux', { labels: { 'kustomize.toolkit.fluxcd.io/name': 'x' } }],
      ['Flux', { labels: { 'helm.toolkit.fluxcd.io/name': 'x' } }],
      ['Argo CD', { managedFields: [{ manager: 'argocd-controller', operation: 'Apply' }] }],
      ['Flux', { managedFields: [{ manager: 'kustomize-controller', operation: 'Apply' }] }],
      ['Flux', { managedFields: [{ manager: 'helm-controller', operation: 'Update' }] }],
    ] as const
  ).map(([tool, metadata]): [string, Service, string] => [
    'GitOpsManaged',
    aService({}, metadata),
    `${tool} keeps Service postgres as it is in a repository, and would put its selector back. Commit the annotation chaosgate.dev/front: allowed of the Service there, together with the rule that ignores its selector: see docs/in-front-of-a-service.md`,
  ]),
])('%s', (reason, service, message) => {
  expect(found(service)).toEqual({ terminal: true, reason, message });
});

describe('ports that the spec names', () => {
  const ports = [
    { name: 'web', port: 80, targetPort: 8080 },
    { name: 'alt', port: 8080, targetPort: 8080 },
    { port: 9090, targetPort: 'metrics' },
  ];
  const named = (...asked: string[]) => found(aService({ ports }), aFrontGate({ ports: asked }));

  test('are there', () => expect(named('9090')).toBeUndefined());

  test('are not: PortNotFound', () => {
    expect(named('web', 'admin')).toMatchObject({
      reason: 'PortNotFound',
      message:
        'spec.service.ports: Service postgres has no port admin. It has web, alt, 9090. Delete the gate and create it with these',
    });
  });

  test('share a target with others: SharedTarget', () => {
    expect(named('alt', '9090')).toMatchObject({
      reason: 'SharedTarget',
      message:
        'spec.service.ports names port 8080 of Service postgres and not port 80, but both lead to 8080 of the pods. Delete the gate and create it with both, or with neither',
    });
    expect(named('web', 'alt')).toBeUndefined();
  });
});

test('no Service is looked at where that is switched off: FrontingDisabled', () => {
  expect(found(undefined, aFrontGate(), { ...SETTINGS, front: false })).toEqual({
    terminal: true,
    reason: 'FrontingDisabled',
    message:
      'This operator puts no gate in front of a Service. Delete the gate and create it with spec.upstream, or ask the administrator to set services.front in the values of the chart',
  });
});

test('where owners have to agree, one that did not is told how: ConsentRequired', () => {
  const settings = { ...SETTINGS, requireConsent: true };
  expect(found(aService(), aFrontGate(), settings)).toEqual({
    terminal: true,
    reason: 'ConsentRequired',
    message:
      'In this cluster the owner of a Service has to allow a gate in front of it: annotate Service postgres with chaosgate.dev/front: allowed',
  });
  const refused = aService({}, { annotations: { 'chaosgate.dev/front': 'denied' } });
  expect(found(refused, aFrontGate(), settings)?.reason).toBe('ConsentRequired');
  const agreed = aService({}, { annotations: { 'chaosgate.dev/front': 'allowed' } });
  expect(found(agreed, aFrontGate(), settings)).toBeUndefined();
});
