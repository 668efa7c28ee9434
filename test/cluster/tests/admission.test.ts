/** Webhooks of the cluster that change what the operator writes. */
import { setTimeout as sleep } from 'node:timers/promises';
import { generate } from 'selfsigned';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Agent } from './support/agent.ts';
import { eventually } from './support/eventually.ts';
import { kubectl } from './support/kubectl.ts';
import { gate, service } from './support/manifests.ts';
import { Namespace } from './support/namespace.ts';

const PORT = 8_443;

let namespace: Namespace;
let agent: Agent;

beforeAll(async () => {
  namespace = await Namespace.create('admission');
  agent = await Agent.start(namespace, 'webhook');
  await namespace.apply(service('webhook', 'webhook', PORT));
});

afterAll(async () => {
  await kubectl(['delete', 'mutatingwebhookconfiguration', namespace.name, '--ignore-not-found']);
  agent.stop();
  await namespace.delete();
});

/** Calls the agent for every Deployment of the namespace. */
async function register(patch: readonly object[]): Promise<void> {
  const host = `webhook.${namespace.name}.svc`;
  const { cert, private: key } = await generate([{ name: 'commonName', value: host }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: host }] }],
  });
  await agent.call('admissionMutate', { port: PORT, cert, key, patch });
  await namespace.apply({
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    metadata: { name: namespace.name },
    webhooks: [
      {
        name: 'mutate.test.chaosgate.dev',
        clientConfig: {
          service: { name: 'webhook', namespace: namespace.name, port: PORT },
          caBundle: Buffer.from(cert).toString('base64'),
        },
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace.name } },
        rules: [
          {
            operations: ['CREATE', 'UPDATE'],
            apiGroups: ['apps'],
            apiVersions: ['v1'],
            resources: ['deployments'],
          },
        ],
        sideEffects: 'None',
        admissionReviewVersions: ['v1'],
        failurePolicy: 'Fail',
      },
    ],
  });
}

test('what a webhook adds to every write is not fought', async () => {
  const container = '/spec/template/spec/containers/0';
  const ports = [10_000, 10_001, 10_002, 9_999].map((containerPort, place) => ({
    name: ['gate', 'control', 'http', 'injected'][place],
    containerPort,
    protocol: 'TCP',
  }));
  const env = [{ name: 'INJECTED', value: 'yes' }];
  await register([
    { op: 'add', path: `${container}/ports`, value: ports },
    { op: 'add', path: `${container}/env`, value: env },
  ]);
  await namespace.apply(gate('injected', { upstream: { host: '127.0.0.1', port: 9 } }));
  await namespace.wait('injected', 'Ready', 60);
  const { spec } = await namespace.get<{
    spec: { template: { spec: { containers: object[] } } };
  }>('deployment', 'injected-chaosgate');
  expect(spec.template.spec.containers[0]).toMatchObject({ ports, env });

  const reviews = () => agent.call('admissionReviews', {});
  await eventually(async () => {
    const before = await reviews();
    expect(before).toBeGreaterThan(0);
    await sleep(1_000);
    expect(await reviews()).toBe(before);
  });
});
