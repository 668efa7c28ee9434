/** Nobody without the gate's key reads or changes it, and a proxy can do nothing but its work. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Agent } from './support/agent.ts';
import { eventually } from './support/eventually.ts';
import { kubectl } from './support/kubectl.ts';
import { gate, service } from './support/manifests.ts';
import { Namespace } from './support/namespace.ts';

interface Pod {
  readonly metadata: { readonly name: string };
  readonly status: { readonly podIP: string };
  readonly spec: {
    readonly containers: readonly { readonly volumeMounts: readonly { mountPath: string }[] }[];
  };
}

interface Secret {
  readonly data: Readonly<Record<string, string>>;
}

let namespace: Namespace;
let agent: Agent;
let pod: Pod;

beforeAll(async () => {
  namespace = await Namespace.create('security');
  agent = await Agent.start(namespace, 'client');
  await agent.call('tcpEcho', { port: 7_000 });
  await namespace.apply(
    service('echo', 'client', 7_000),
    gate('guarded', { upstream: { host: 'echo', port: 7_000 } }),
    gate('neighbour', { upstream: { host: 'echo', port: 7_000 } }),
  );
  await namespace.wait('guarded', 'Ready', 60);
  await namespace.wait('neighbour', 'Ready', 60);
  const [found] = await namespace.list<Pod>('pod', 'chaosgate.dev/gate=guarded');
  if (found === undefined) throw new Error('The gate has no pod');
  pod = found;
});

afterAll(async () => {
  agent.stop();
  await namespace.delete();
});

async function keyOf(name: string): Promise<string> {
  const { data } = await namespace.get<Secret>('secret', `${name}-chaosgate`);
  return data.key ?? '';
}

function tryControl(keyBase64: string): Promise<string> {
  return agent.call('controlTry', {
    target: { host: pod.status.podIP, port: 10_001 },
    identity: `${namespace.name}/guarded`,
    keyBase64,
  });
}

test('the control port answers the key of the gate, and no other', async () => {
  expect(await tryControl(await keyOf('guarded'))).toContain('"type":"report"');
  for (const wrong of [randomBytes(32).toString('base64'), await keyOf('neighbour')]) {
    const outcome = await tryControl(wrong);
    expect(outcome).not.toContain('report');
    expect(outcome).not.toBe('silence');
  }
});

test('the control port says nothing in clear text, and survives nonsense', async () => {
  const target = { host: pod.status.podIP, port: 10_001 };
  expect(await agent.call('tcpOpen', { name: 'clear', target })).toBe('open');
  await agent.call('tcpWrite', { name: 'clear', text: '{"type":"ping"}\n' });
  const { state, received } = await agent.call('tcpWait', { name: 'clear', timeoutMs: 10_000 });
  expect(state).not.toBe('open');
  expect(received).not.toContain('report');
  expect(await tryControl(await keyOf('guarded'))).toContain('"type":"report"');
});

test('a proxy pod has no API token', async () => {
  const mounts = pod.spec.containers.flatMap(({ volumeMounts }) => volumeMounts);
  expect(mounts.map(({ mountPath }) => mountPath).sort()).toEqual([
    '/etc/chaosgate/gate',
    '/var/lib/chaosgate',
  ]);
});

test('every namespace of these tests is labelled restricted', async () => {
  for (const name of [namespace.name, 'chaosgate-system']) {
    const labels = await kubectl(['get', 'namespace', name, '-o', 'jsonpath={.metadata.labels}']);
    expect(labels).toContain('"pod-security.kubernetes.io/enforce":"restricted"');
  }
});

test('the network policy keeps the control port for the operator', async () => {
  const policy = await namespace.get<{
    spec: { ingress: { ports: { port: number }[]; from?: object[] }[] };
  }>('networkpolicy', 'guarded-chaosgate');
  const control = policy.spec.ingress.find(({ ports }) =>
    ports.some(({ port }) => port === 10_001),
  );
  expect(JSON.stringify(control?.from)).toContain('chaosgate-system');
  expect(control?.ports).toHaveLength(1);
});

test('the operator may do what it needs, and nothing with a wildcard', async () => {
  const role = await kubectl(['get', 'clusterrole', 'chaosgate', '-o', 'json']);
  expect(role).not.toContain('"*"');
  const user = 'system:serviceaccount:chaosgate-system:chaosgate';
  const can = async (...what: string[]) =>
    (
      await kubectl(['auth', 'can-i', ...what, '-A', `--as=${user}`]).catch(
        (error: Error) => error.message,
      )
    ).includes('yes');
  expect(await can('patch', 'tcpgates.chaosgate.dev', '--subresource=status')).toBe(true);
  expect(await can('update', 'tcpgates.chaosgate.dev')).toBe(false);
  expect(await can('get', 'tcpgates.chaosgate.dev')).toBe(false);
  expect(await can('get', 'pods')).toBe(false);
  expect(await can('delete', 'pods')).toBe(false);
  expect(await can('escalate', 'clusterroles')).toBe(false);
});

test('a quota bounds how many gates a namespace may have, and says so', async () => {
  const few = await Namespace.create('few');
  try {
    await few.kubectl('create', 'quota', 'gates', '--hard=count/tcpgates.chaosgate.dev=1');
    // Until its controller has counted, the quota refuses all.
    await eventually(async () => {
      const used = await few.kubectl('get', 'quota', 'gates', '-o', 'jsonpath={.status.used}');
      expect(used).toBe('{"count/tcpgates.chaosgate.dev":"0"}');
    });
    const spec = { upstream: { host: '127.0.0.1', port: 9 } };
    await few.create(gate('first', spec));
    await expect(few.create(gate('second', spec))).rejects.toThrow(
      /tcpgates.chaosgate.dev "second" is forbidden: exceeded quota: gates, requested: count\/tcpgates.chaosgate.dev=1, used: count\/tcpgates.chaosgate.dev=1, limited: count\/tcpgates.chaosgate.dev=1/,
    );
  } finally {
    await few.delete();
  }
});
