/** examples/redis: a client that asks a sentinel for its server stays behind the gates, as the answers are rewritten. */
import { readFile } from 'node:fs/promises';
import { isIPv4 } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Agent } from './support/agent.ts';
import { eventually } from './support/eventually.ts';
import { type GateStatus, REDIS_IMAGE } from './support/manifests.ts';
import { Namespace } from './support/namespace.ts';

const examples = join(import.meta.dirname, '../../../examples/redis');
const SENTINEL = { host: 'redis-sentinel', port: 26_379 };
const SENTINEL_GATE = { host: 'sentinel', port: 26_379 };
const WHERE: [string, ...string[]] = ['SENTINEL', 'get-master-addr-by-name', 'mymaster'];

let namespace: Namespace;
let agent: Agent;

beforeAll(async () => {
  namespace = await Namespace.create('redis');
  const servers = await readFile(join(examples, 'redis.yaml'), 'utf8');
  await namespace.apply(servers.replaceAll(/image: .*/g, `image: ${REDIS_IMAGE}`));
  await namespace.kubectl('apply', '-f', join(examples, 'gates.yaml'));
  agent = await Agent.start(namespace, 'client');
  for (const name of ['redis-primary', 'redis-sentinel']) {
    await namespace.kubectl('rollout', 'status', `deployment/${name}`, '--timeout=120s');
  }
  for (const name of ['redis', 'sentinel']) await namespace.wait(name, 'Ready', 60);
});

afterAll(async () => {
  agent.stop();
  await namespace.delete();
});

async function active(gate: string): Promise<number | undefined> {
  const { status } = await namespace.get<GateStatus>('tcpgate', gate);
  return status.connections?.active;
}

const ask = (server: { host: string; port: number }, ...command: [string, ...string[]]) =>
  agent.call('redisCall', { server, command });

test('the sentinel tells the address of the gate, and through no gate that of the server', async () => {
  const [address, port] = (await ask(SENTINEL, ...WHERE)) as string[];
  expect([isIPv4(address ?? ''), port]).toEqual([true, '6379']);
  expect(await ask(SENTINEL_GATE, ...WHERE)).toEqual(['redis', '6379']);
});

test('everything else that the sentinel says arrives as it is', async () => {
  for (const command of [
    ['SENTINEL', 'CKQUORUM', 'mymaster'],
    ['SENTINEL', 'SENTINELS', 'mymaster'],
    ['SENTINEL', 'MYID'],
    ['PING', 'a.b.c.d'],
  ] as [string, ...string[]][]) {
    expect(await ask(SENTINEL_GATE, ...command)).toEqual(await ask(SENTINEL, ...command));
  }
  const direct = (await ask(SENTINEL, 'SENTINEL', 'MASTER', 'mymaster')) as string[];
  const rewritten = (await ask(SENTINEL_GATE, 'SENTINEL', 'MASTER', 'mymaster')) as string[];
  expect(rewritten[rewritten.indexOf('ip') + 1]).toBe('redis');
  expect(rewritten).toHaveLength(direct.length);
});

test('a client of the sentinel goes through the gate of its server, and feels its faults', async () => {
  const name = 'client';
  await agent.call('redisOpen', { name, sentinel: SENTINEL_GATE, master: 'mymaster' });
  const echo = (value: string) => agent.call('redisEcho', { name, value });
  expect(await echo('one')).toBe('one');
  await eventually(async () => expect(await active('redis')).toBe(1));

  await namespace.patchAndWait('redis', { toClient: { stall: {} } });
  expect(await echo('two')).toBe('Command timed out');
  await namespace.patchAndWait('redis', { toClient: null });
  expect(await echo('three')).toBe('three');

  await namespace.patchAndWait('redis', { disconnect: { nonce: '1', how: 'Reset' } });
  await eventually(async () => expect(await echo('four')).toBe('four'));
  await agent.call('redisClose', { name });
});
