/** The truth in the status, and silence while nothing changes. */
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Agent } from './support/agent.ts';
import { eventually } from './support/eventually.ts';
import { attempt } from './support/kubectl.ts';
import { type GateStatus, gate, service } from './support/manifests.ts';
import { Namespace } from './support/namespace.ts';
import { scaleOperator } from './support/system.ts';

let namespace: Namespace;
let agent: Agent;

beforeAll(async () => {
  namespace = await Namespace.create('status');
  agent = await Agent.start(namespace, 'echo');
  await agent.call('tcpEcho', { port: 7_000 });
  await namespace.apply(
    service('echo', 'echo', 7_000),
    gate('counted', { upstream: { host: 'echo', port: 7_000 }, listen: { port: 80 } }),
  );
  await namespace.wait('counted', 'Ready', 60);
});

afterAll(async () => {
  agent.stop();
  await namespace.delete();
});

async function condition(type: string): Promise<string | undefined> {
  const { status } = await namespace.get<GateStatus>('tcpgate', 'counted');
  return status.conditions?.find((one) => one.type === type)?.status;
}

async function expectActive(count: number, connected: string): Promise<void> {
  await eventually(async () => {
    const { status } = await namespace.get<GateStatus>('tcpgate', 'counted');
    expect(status.connections?.active).toBe(count);
    expect(await condition('Connected')).toBe(connected);
  });
}

test('connections are counted 0, 4, 0, and Connected turns with them', async () => {
  await expectActive(0, 'False');
  const names = ['a', 'b', 'c', 'd'];
  for (const name of names) {
    const target = { host: 'counted', port: 80 };
    await agent.open(name, target);
  }
  await expectActive(4, 'True');
  for (const name of names) await agent.call('tcpClose', { name });
  await expectActive(0, 'False');
});

test('nothing is written while nothing changes', async () => {
  const before = await eventually(async () => {
    const seen = await namespace.get<GateStatus>('tcpgate', 'counted');
    expect(seen.status.conditions?.find(({ type }) => type === 'Ready')?.status).toBe('True');
    return seen.metadata.resourceVersion;
  });
  const events = watch();
  await sleep(15_000);
  const { metadata } = await namespace.get<GateStatus>('tcpgate', 'counted');
  expect(metadata.resourceVersion).toBe(before);
  // The watch begins with the object as it is; anything more would be a write.
  expect(events.stop()).toHaveLength(1);
});

test('a change of the same value is no change', async () => {
  const before = await namespace.get<GateStatus>('tcpgate', 'counted');
  await namespace.patch('counted', { toClient: null });
  const after = await namespace.get<GateStatus>('tcpgate', 'counted');
  expect(after.metadata.generation).toBe(before.metadata.generation);
});

test('the status speaks of the whole gate', async () => {
  await namespace.patchAndWait('counted', { toServer: { delay: { milliseconds: 5 } } });
  const { metadata, status } = await namespace.get<GateStatus>('tcpgate', 'counted');
  expect(status).toMatchObject({
    observedGeneration: metadata.generation,
    address: `counted.${namespace.name}.svc:80`,
    faults: 'toServer delay 5ms',
    proxies: { desired: 1, ready: 1, programmed: 1 },
  });
  expect(await condition('UpstreamReachable')).toBe('True');
  expect(await condition('Reconciling')).toBeUndefined();
  await eventually(async () => {
    const events = await namespace.kubectl('events', '--for=tcpgate/counted');
    expect(events).toContain('In force: toServer delay 5ms');
  });
});

test('a status that somebody else wrote is put right within seconds', async () => {
  const before = await namespace.get<GateStatus>('tcpgate', 'counted');
  const lies = { faults: 'lies', connections: { active: 77, accepted: 0 }, observedGeneration: 0 };
  for (const status of [lies, null]) {
    await namespace.kubectl(
      ...['patch', 'tg', 'counted', '--subresource=status', '--type=merge'],
      ...['-p', JSON.stringify({ status })],
    );
    await eventually(
      async () => {
        const { status: now } = await namespace.get<GateStatus>('tcpgate', 'counted');
        expect(now).toEqual(before.status);
      },
      { timeoutMs: 5_000 },
    );
  }
  await eventually(async () => {
    const events = await namespace.kubectl('events', '--for=tcpgate/counted');
    expect(events).toContain(
      'was written by field manager "kubectl-patch". The operator restored it',
    );
  });
});

test('a gate that nobody has looked at yet is not done, in the eyes of Helm', async () => {
  const chart = join(await mkdtemp(join(tmpdir(), 'chaosgate-kstatus-')), 'chart');
  await mkdir(join(chart, 'templates'), { recursive: true });
  await writeFile(join(chart, 'Chart.yaml'), 'apiVersion: v2\nname: gated\nversion: 1.0.0\n');
  const manifest = gate('helmed', { upstream: { host: 'echo', port: 7_000 } });
  await writeFile(join(chart, 'templates/gate.yaml'), JSON.stringify(manifest));
  // Helm 4 waits by kstatus itself.
  const upgrade = (timeout: string) =>
    attempt('helm', [
      ...['upgrade', '--install', 'gated', chart, '-n', namespace.name],
      ...['--wait', '--timeout', timeout],
    ]);
  await scaleOperator(0);
  try {
    const unseen = await upgrade('4s');
    expect(unseen.code).not.toBe(0);
    expect(unseen.stderr).toContain('InProgress');
  } finally {
    await scaleOperator(1);
  }
  expect(await upgrade('60s')).toMatchObject({ code: 0 });
  expect(await readyOf('helmed')).toBe('True');
});

async function readyOf(name: string): Promise<string | undefined> {
  const { status } = await namespace.get<GateStatus>('tcpgate', name);
  return status.conditions?.find(({ type }) => type === 'Ready')?.status;
}

/** Counts what `kubectl get -w` prints about the gate. */
function watch() {
  const child = spawn('kubectl', [
    '-n',
    namespace.name,
    'get',
    'tg',
    'counted',
    '-w',
    '--no-headers',
  ]);
  let output = '';
  child.stdout.on('data', (data: Buffer) => {
    output += data.toString();
  });
  return {
    stop: () => {
      child.kill();
      return output.trim().split('\n');
    },
  };
}
