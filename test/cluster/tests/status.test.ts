/** The truth in the status, and silence while nothing changes. */
import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Agent } from './support/agent.ts';
import { eventually } from './support/eventually.ts';
import { type GateStatus, gate, service } from './support/manifests.ts';
import { Namespace } from './support/namespace.ts';

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
