/** Why a gate has no proxy, in the words of the cluster, on the gate. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from './support/eventually.ts';
import { CONTAINER_SECURITY, type GateStatus, gate } from './support/manifests.ts';
import { Namespace } from './support/namespace.ts';

let namespace: Namespace;

beforeAll(async () => {
  namespace = await Namespace.create('trouble');
});

afterAll(async () => {
  await namespace.delete();
});

const spec = { upstream: { host: '127.0.0.1', port: 9 } };

function patchPods(patch: object): Promise<string> {
  const args = [
    '--type',
    'strategic',
    '-p',
    JSON.stringify({ spec: { template: { spec: patch } } }),
  ];
  return namespace.kubectl('patch', 'deployment', 'front-chaosgate', ...args);
}

/** Kubernetes' controllers find out first, and they have much to do on a busy machine. */
const PATIENCE = { timeoutMs: 90_000 };

/** Waits until Ready says so. */
async function expectReady(expected: object): Promise<void> {
  await eventually(async () => {
    const { status } = await namespace.get<GateStatus>('tcpgate', 'front');
    expect(status.conditions?.find(({ type }) => type === 'Ready')).toMatchObject(expected);
  }, PATIENCE);
}

test('a quota that is used up is on the gate and in an event, and passes with it', async () => {
  await namespace.kubectl('create', 'quota', 'none', '--hard=pods=0');
  // Before that it is another message.
  const counted = '--for=jsonpath={.status.hard.pods}=0';
  await namespace.kubectl('wait', 'quota/none', counted, '--timeout=60s');
  await namespace.apply(gate('front', spec));
  await expectReady({
    status: 'False',
    reason: 'NoProxy',
    message: expect.stringMatching(/^No proxy runs: .*exceeded quota: none, requested: pods=1/),
  });
  await eventually(async () => {
    const events = await namespace.kubectl('events', '--for=tcpgate/front');
    expect(events).toMatch(/Warning +NoProxy .*exceeded quota/);
  });
  await namespace.kubectl('delete', 'quota', 'none');
  await namespace.wait('front', 'Ready', 60);
});

test('a roll-out that is stuck is on the gate, while the old proxy serves', async () => {
  await patchPods({ nodeSelector: { no: 'such' } });
  await expectReady({
    status: 'True',
    reason: 'RolloutStuck',
    message: expect.stringContaining('Unschedulable: 0/1 nodes are available'),
  });
  const container = { name: 'bad', image: 'localhost/none:1', imagePullPolicy: 'Never' };
  await patchPods({ nodeSelector: null, containers: [container] });
  await expectReady({
    reason: 'RolloutStuck',
    message: expect.stringContaining('FailedCreate: pods "front-chaosgate-'),
  });
  await patchPods({ containers: [{ ...container, securityContext: CONTAINER_SECURITY }] });
  await expectReady({
    reason: 'RolloutStuck',
    message: expect.stringMatching(/pod front-chaosgate-\S+: ErrImageNeverPull: /),
  });
  await patchPods({ containers: [{ name: 'bad', $patch: 'delete' }] });
  await expectReady({ status: 'True', reason: 'Serving' });
});
