/** Faults that end by themselves, and the lever: what the documentation promises of them. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Agent } from './support/agent.ts';
import { eventually } from './support/eventually.ts';
import { attempt, kubectl, type Output } from './support/kubectl.ts';
import { type GateStatus, gate, service } from './support/manifests.ts';
import { Namespace } from './support/namespace.ts';
import { SYSTEM, scaleOperator } from './support/system.ts';

const CHAOSGATE = join(import.meta.dirname, '../../../bin/chaosgate.cjs');
const STALL = { toClient: { stall: {} } };
const LIFTED = { toClient: null, toServer: null, newConnections: null, durationSeconds: null };
const WITHIN_A_SECOND = { timeoutMs: 5_000, intervalMs: 50 };

let namespace: Namespace;
let agent: Agent;

beforeAll(async () => {
  namespace = await Namespace.create('ends');
  agent = await Agent.start(namespace, 'echo');
  await agent.call('tcpEcho', { port: 7_000 });
  await namespace.apply(service('echo', 'echo', 7_000), echoGate('ends'));
  await namespace.wait('ends', 'Ready', 60);
});

afterAll(async () => {
  await kubectl(['-n', SYSTEM, 'delete', 'configmap', 'chaosgate-lever', '--ignore-not-found']);
  agent.stop();
  await namespace.delete();
});

function echoGate(name: string, spec: object = {}) {
  return gate(name, { upstream: { host: 'echo', port: 7_000 }, listen: { port: 80 }, ...spec });
}

async function status(name = 'ends'): Promise<GateStatus['status']> {
  return (await namespace.get<GateStatus>('tcpgate', name)).status;
}

async function active(name = 'ends'): Promise<string> {
  const { conditions = [] } = await status(name);
  const found = conditions.find(({ type }) => type === 'FaultsActive');
  return `${found?.status} ${found?.reason}`;
}

function lever(...args: string[]): Promise<Output> {
  return attempt(process.execPath, [CHAOSGATE, 'lever', ...args]);
}

/** What comes back of a word on an open connection within that time. */
async function echoed(name: string, text: string, timeoutMs: number): Promise<string> {
  await agent.call('tcpWrite', { name, text });
  const { received } = await agent.call('tcpWait', { name, bytes: text.length, timeoutMs });
  return received;
}

test('a duration ends the faults on open connections, and the table tells until when', async () => {
  await agent.open('plain', { host: 'ends', port: 80 });
  await namespace.patchAndWait('ends', { ...STALL, durationSeconds: 5 });
  const { faultsEndTime = '' } = await status();
  const wide = await namespace.kubectl('get', 'tg', 'ends', '-o', 'wide');
  expect(wide).toMatch(/FAULTS .* UNTIL /);
  expect(wide).toContain(`toClient stall`);
  expect(wide).toContain(faultsEndTime);
  expect(await echoed('plain', 'held', 100)).toBe('');
  await namespace.wait('ends', 'FaultsActive=false', 30);
  const { received } = await agent.call('tcpWait', { name: 'plain', bytes: 4, timeoutMs: 2_000 });
  expect(received).toBe('held');
  expect(await active()).toBe('False Ended');
  expect(await namespace.kubectl('get', 'tg', 'ends')).toContain('none (ended: toClient stall)');
  await eventually(async () => {
    expect(await namespace.kubectl('events', '--for=tcpgate/ends')).toMatch(/Normal +FaultsEnded/);
  });
});

test('a re-applied manifest and a restored status start nothing; a new faultsNonce does', async () => {
  const before = await status();
  await namespace.kubectl('annotate', 'tg/ends', 'chaosgate.dev/reconcile-requested-at=1');
  await namespace.patchAndWait('ends', { seed: 7 });
  expect(await active()).toBe('False Ended');
  expect((await status()).faultsEndTime).toBe(before.faultsEndTime);
  const forged = JSON.stringify({
    status: { faults: 'none', faultsEndTime: '2099-01-01T00:00:00Z' },
  });
  await namespace.kubectl(
    ...['patch', 'tg', 'ends', '--subresource=status', '--type=merge', '-p', forged],
  );
  await eventually(async () => expect((await status()).faultsEndTime).toBe(before.faultsEndTime));
  expect(await active()).toBe('False Ended');
  await namespace.patchAndWait('ends', { faultsNonce: 'again' });
  expect(await active()).toBe('True InForce');
  await namespace.patchAndWait('ends', { suspend: true });
  expect(await active()).toBe('False Suspended');
  await namespace.patchAndWait('ends', { suspend: null, ...LIFTED });
  expect(await active()).toBe('False NoFaults');
});

test('without an operator the proxy ends its faults on time, also one that is killed and started again', async () => {
  await agent.open('alone', { host: 'ends', port: 80 });
  await namespace.patchAndWait('ends', { ...STALL, durationSeconds: 40 });
  const { faultsEndTime = '' } = await status();
  await scaleOperator(0);
  try {
    const pod = ['-l', 'chaosgate.dev/gate=ends'];
    await namespace.kubectl(
      ...[
        'exec',
        'deployment/ends-chaosgate',
        '--',
        '/nodejs/bin/node',
        '-e',
        'process.kill(1, "SIGTERM")',
      ],
    );
    await eventually(async () => {
      const text = await namespace.kubectl(
        ...[
          'get',
          'pod',
          ...pod,
          '-o',
          'jsonpath={.items[0].status.containerStatuses[0].restartCount}',
        ],
      );
      expect(Number(text)).toBeGreaterThan(0);
    });
    await eventually(() => agent.open('again', { host: 'ends', port: 80 }));
    expect(await echoed('again', 'held', 500)).toBe('');
    expect(Date.now()).toBeLessThan(Date.parse(faultsEndTime));
    const left = Date.parse(faultsEndTime) - Date.now();
    const { received } = await agent.call('tcpWait', {
      ...{ name: 'again', bytes: 4, timeoutMs: left + 3_000 },
    });
    expect(received).toBe('held');
    expect(Math.abs(Date.now() - Date.parse(faultsEndTime))).toBeLessThan(2_000);
  } finally {
    await scaleOperator(1);
  }
  await namespace.wait('ends', 'FaultsActive=false', 60);
  expect((await status()).faultsEndTime).toBe(faultsEndTime);
  await namespace.patchAndWait('ends', LIFTED);
});

test('the lever makes all gates pass within a second, and gives the faults back for what is left of their time', async () => {
  await namespace.patchAndWait('ends', { ...STALL, durationSeconds: 600 });
  const { faultsEndTime } = await status();
  await agent.open('levered', { host: 'ends', port: 80 });
  await agent.call('tcpWrite', { name: 'levered', text: 'a' });
  const since = Date.now();
  const engaged = await lever('engage', '--reason', 'incident 4711');
  expect(engaged).toMatchObject({ code: 0, stderr: '' });
  expect(engaged.stdout).toMatch(/^chaosgate-lever engaged: \d+ gates? in \d+ namespaces? pass/);
  const { received } = await agent.call('tcpWait', { name: 'levered', bytes: 1, timeoutMs: 1_000 });
  expect(received).toBe('a');
  expect(await active()).toBe('False Lever');
  expect(await namespace.kubectl('get', 'tg', 'ends')).toContain('none (lever: toClient stall)');
  expect(Date.now() - since).toBeLessThan(10_000);
  await eventually(async () => {
    expect(await kubectl(['-n', SYSTEM, 'events', '--for=configmap/chaosgate-lever'])).toMatch(
      /Warning +LeverEngaged .*All gates pass everything \(incident 4711\)/,
    );
  });

  await namespace.apply(echoGate('born', { ...STALL, newConnections: 'Refuse' }));
  await namespace.wait('born', 'Ready', 60);
  await agent.open('newborn', { host: 'born', port: 80 });
  expect(await echoed('newborn', 'first', 2_000)).toBe('first');

  expect(await lever('release')).toMatchObject({ code: 0, stdout: 'chaosgate-lever released\n' });
  await eventually(async () => expect(await active()).toBe('True InForce'), WITHIN_A_SECOND);
  await eventually(async () => expect(await active('born')).toBe('True InForce'), WITHIN_A_SECOND);
  expect((await status()).faultsEndTime).toBe(faultsEndTime);
  expect(await lever('release')).toMatchObject({ code: 1 });
  await namespace.kubectl('delete', 'tg', 'born');
});

test('the lever of a namespace is for its gates, and takes hold when the operator is back', async () => {
  const other = await Namespace.create('other');
  try {
    await scaleOperator(0);
    await kubectl([
      ...[
        '-n',
        other.name,
        'create',
        'configmap',
        'chaosgate-lever',
        '--from-literal=faults=suspended',
      ],
    ]);
    await namespace.kubectl(
      ...['create', 'configmap', 'chaosgate-lever', '--from-literal=faults=suspended'],
    );
    expect(await active()).toBe('True InForce');
    await scaleOperator(1);
    await eventually(async () => expect(await active()).toBe('False Lever'));
    await namespace.kubectl('delete', 'configmap', 'chaosgate-lever');
    await eventually(async () => expect(await active()).toBe('True InForce'), WITHIN_A_SECOND);
  } finally {
    await scaleOperator(1);
    await other.delete();
  }
});

test('a lever that no proxy answers to is told with the gates, and another value is no lever', async () => {
  await namespace.kubectl('create', 'configmap', 'chaosgate-lever', '--from-literal=faults=off');
  await eventually(async () => {
    expect(await namespace.kubectl('events', '--for=configmap/chaosgate-lever')).toMatch(
      /Warning +LeverNotEngaged .*set faults: suspended/,
    );
  });
  await scaleOperator(0);
  try {
    const { code, stderr } = await lever('engage', '-n', namespace.name, '--timeout', '1s');
    expect(code).toBe(1);
    expect(stderr).toContain(`${namespace.name}/ends`);
  } finally {
    await scaleOperator(1);
  }
  await eventually(async () => expect(await active()).toBe('False Lever'));
  expect(await lever('release', '-n', namespace.name)).toMatchObject({ code: 0 });
});

test('the ClusterRole of the lever suffices for it, and for no other ConfigMap', async () => {
  const user = `system:serviceaccount:${namespace.name}:default`;
  const role = 'chaosgate-lever';
  await kubectl([
    ...['-n', SYSTEM, 'create', 'rolebinding', 'lever-test', `--clusterrole=${role}`],
    `--serviceaccount=${namespace.name}:default`,
  ]);
  const can = async (...what: string[]) =>
    (
      await attempt('kubectl', ['-n', SYSTEM, 'auth', 'can-i', ...what, '--as', user])
    ).stdout.trim();
  try {
    for (const verb of ['get', 'patch', 'delete', 'create']) {
      expect(await can(verb, 'configmaps/chaosgate-lever')).toBe('yes');
      expect(await can(verb, 'configmaps/other')).toBe('no');
    }
    expect(await can('patch', 'tcpgates')).toBe('no');
    const manifest = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'chaosgate-lever' },
      data: { faults: 'suspended' },
    };
    const args = ['-n', SYSTEM, '--as', user];
    const input = JSON.stringify(manifest);
    await kubectl([...args, 'apply', '--server-side', '-f', '-'], { input });
    await eventually(async () => expect(await active()).toBe('False Lever'), WITHIN_A_SECOND);
    await kubectl([...args, 'delete', 'configmap', 'chaosgate-lever']);
  } finally {
    await kubectl(['-n', SYSTEM, 'delete', 'rolebinding', 'lever-test']);
  }
});
