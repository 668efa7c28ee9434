/** Webhooks of the cluster that change what the operator writes. */
import { setTimeout as sleep } from 'node:timers/promises';
import { generate } from 'selfsigned';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Agent } from './support/agent.ts';
import { eventually } from './support/eventually.ts';
import { kubectl } from './support/kubectl.ts';
import { type GateStatus, gate, service } from './support/manifests.ts';
import { Namespace } from './support/namespace.ts';

const FIRST_PORT = 8_443;
/** Names of the configurations, which have no namespace. */
const registered: string[] = [];

let namespace: Namespace;
let agent: Agent;

beforeAll(async () => {
  namespace = await Namespace.create('admission');
  agent = await Agent.start(namespace, 'webhook');
});

afterAll(async () => {
  const names = registered.map((name) => `mutatingwebhookconfiguration/${name}`);
  if (names.length > 0) await kubectl(['delete', ...names]);
  agent.stop();
  await namespace.delete();
});

/** Lets the agent change the Deployment of a gate with every write. */
async function register(gateName: string, patch: readonly object[]): Promise<void> {
  const port = FIRST_PORT + registered.length;
  const name = `${namespace.name}-${gateName}`;
  registered.push(name);
  const host = `webhook-${gateName}.${namespace.name}.svc`;
  const { cert, private: key } = await generate([{ name: 'commonName', value: host }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: host }] }],
  });
  await agent.call('admissionMutate', { port, cert, key, patch });
  await namespace.apply(service(`webhook-${gateName}`, 'webhook', port), {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    metadata: { name },
    webhooks: [
      {
        name: 'mutate.test.chaosgate.dev',
        clientConfig: {
          service: { name: `webhook-${gateName}`, namespace: namespace.name, port },
          caBundle: Buffer.from(cert).toString('base64'),
        },
        objectSelector: { matchLabels: { 'chaosgate.dev/gate': gateName } },
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

const CONTAINER = '/spec/template/spec/containers/0';
const SPEC = { upstream: { host: '127.0.0.1', port: 9 } };

/** Waits until nothing is written any more for a second. */
async function expectQuiet(): Promise<void> {
  const reviews = () => agent.call('admissionReviews', {});
  await eventually(async () => {
    const before = await reviews();
    expect(before).toBeGreaterThan(0);
    await sleep(1_000);
    expect(await reviews()).toBe(before);
  });
}

test('what a webhook makes of every write is taken as it is', async () => {
  const env = [{ name: 'INJECTED', value: 'yes' }];
  // A list that is managed as a whole, so that each apply takes it back and each review changes it again.
  const drop = ['ALL', 'NET_RAW'];
  await register('injected', [
    { op: 'add', path: `${CONTAINER}/securityContext/capabilities/drop`, value: drop },
    { op: 'add', path: `${CONTAINER}/env`, value: env },
  ]);
  await namespace.apply(gate('injected', SPEC));
  await namespace.wait('injected', 'Ready', 60);
  const { spec } = await namespace.get<{
    spec: { template: { spec: { containers: object[] } } };
  }>('deployment', 'injected-chaosgate');
  expect(spec.template.spec.containers[0]).toMatchObject({
    securityContext: { capabilities: { drop } },
    env,
  });

  await expectQuiet();
});

test('a webhook that makes something else of every write is not fought forever', async () => {
  const mount = { name: 'state', mountPath: '/mount-$REVIEW' };
  await register('moving', [{ op: 'add', path: `${CONTAINER}/volumeMounts/0`, value: mount }]);
  const before = await agent.call('admissionReviews', {});
  await namespace.apply(gate('moving', SPEC));
  await eventually(async () => {
    const { status } = await namespace.get<GateStatus>('tcpgate', 'moving');
    expect(status.conditions?.find(({ type }) => type === 'Ready')?.reason).toBe('ChildContested');
  });
  expect((await agent.call('admissionReviews', {})) - before).toBeLessThan(60);
});
