/** In front of real servers, whose clients know nothing of a gate: PostgreSQL and a pool, Redis by a named port, HTTP on port 80. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { Agent } from './support/agent.ts';
import { eventually } from './support/eventually.ts';
import { front, putInFront, takeAway, untilGone } from './support/front.ts';
import { type GateStatus, PASSWORD, REDIS_IMAGE } from './support/manifests.ts';
import { Namespace } from './support/namespace.ts';
import { startPostgres } from './support/postgres.ts';

const examples = join(import.meta.dirname, '../../../examples');
const DELAY = 300;
const DELAYED = { toClient: { delay: { milliseconds: DELAY } } };
const SIZE = 4;
const POSTGRES = { host: 'postgres-primary', port: 5432, password: PASSWORD };
const REDIS = { host: 'redis-primary', port: 6379 };

let namespace: Namespace;
let client: Agent;
let web: Agent;

beforeAll(async () => {
  namespace = await Namespace.create('frontreal');
  const manifest = await readFile(join(examples, 'redis/redis.yaml'), 'utf8');
  const redis = parseAllDocuments(manifest.replaceAll(/image: .*/g, `image: ${REDIS_IMAGE}`))
    .map((document) => document.toJS() as { metadata: { name: string } })
    .filter(({ metadata }) => metadata.name === REDIS.host);
  await namespace.apply(...redis, webService());
  [client, web] = await Promise.all([
    Agent.start(namespace, 'client'),
    Agent.start(namespace, 'web', { lowestPort: 80 }),
    startPostgres(namespace),
    namespace.kubectl('rollout', 'status', `deployment/${REDIS.host}`, '--timeout=120s'),
  ]);
  await web.call('httpServe', { port: 80, text: 'page' });
  await web.call('httpServe', { port: 9_090, text: 'figures' });
});

afterAll(async () => {
  client.stop();
  web.stop();
  await namespace.delete();
});

function webService() {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web' },
    spec: {
      selector: { app: 'web' },
      ports: [
        { name: 'http', port: 80 },
        { name: 'metrics', port: 9_090 },
      ],
    },
  };
}

async function active(gate: string): Promise<number | undefined> {
  const { status } = await namespace.get<GateStatus>('tcpgate', gate);
  return status.connections?.active;
}

async function times(name: string): Promise<number[]> {
  const outcomes = await client.call('pgQuery', { name });
  return outcomes.map(({ ok, milliseconds }) => (ok ? milliseconds : Number.NaN));
}

const slow = (figures: readonly number[]) => figures.every((one) => one >= DELAY);
const fast = (figures: readonly number[]) => figures.every((one) => one < DELAY);

test('PostgreSQL: connections that are made while the gate is in front are slow, those of before and after are not', async () => {
  const open = (name: string) => client.call('pgOpen', { name, server: POSTGRES, size: SIZE });
  await open('before');
  const gate = await readFile(join(examples, 'service/gate.yaml'), 'utf8');
  await namespace.apply(gate);
  await namespace.wait('postgres-chaos', 'InFront', 60);
  await namespace.wait('postgres-chaos', 'Programmed');
  await open('during');
  expect(await times('during')).toSatisfy(slow);
  expect(await times('before')).toSatisfy(fast);
  await eventually(async () => expect(await active('postgres-chaos')).toBe(SIZE));
  expect(await namespace.kubectl('get', 'tg', '-o', 'wide')).toContain('service/postgres-primary');

  await takeAway(namespace, 'postgres-chaos', POSTGRES.host, ['app', POSTGRES.host]);
  await open('after');
  for (const name of ['before', 'during', 'after']) expect(await times(name)).toSatisfy(fast);
  for (const name of ['before', 'during', 'after']) await client.call('pgClose', { name });
  await untilGone(namespace, 'postgres-chaos');
});

test('PostgreSQL: a pool recovers by itself when the gate closes its connections on the way out', async () => {
  await putInFront(namespace, front('chaos', POSTGRES.host));
  await client.call('poolOpen', { name: 'pool', server: POSTGRES, size: SIZE });
  const ask = () => client.call('poolQuery', { name: 'pool', count: SIZE });
  expect(await ask()).toEqual(Array(SIZE).fill('ok'));
  await takeAway(namespace, 'chaos', POSTGRES.host, ['app', POSTGRES.host]);
  await untilGone(namespace, 'chaos');
  await eventually(async () => expect(await ask()).toEqual(Array(SIZE).fill('ok')), {
    timeoutMs: 5_000,
  });
  await client.call('poolClose', { name: 'pool' });
});

test('Redis: a Service that names its target port', async () => {
  const set = () => client.call('redisCall', { server: REDIS, command: ['SET', 'key', 'value'] });
  expect(await set()).toBe('OK');
  await putInFront(namespace, front('chaos-redis', REDIS.host));
  expect(await set()).toBe('OK');
  await namespace.patchAndWait('chaos-redis', { newConnections: 'Reset' });
  await expect(set()).rejects.toThrow();
  await namespace.patchAndWait('chaos-redis', { newConnections: null });

  // A server that is away for a while is the upstream's matter: the gate stays in front.
  const scale = (replicas: number) =>
    namespace.kubectl('scale', `deployment/${REDIS.host}`, `--replicas=${replicas}`);
  await scale(0);
  await eventually(() => expect(set()).rejects.toThrow());
  await scale(1);
  await eventually(async () => expect(await set()).toBe('OK'));
  await namespace.wait('chaos-redis', 'InFront');

  await takeAway(namespace, 'chaos-redis', REDIS.host, ['app', REDIS.host]);
  await eventually(async () => expect(await set()).toBe('OK'), { timeoutMs: 5_000 });
  await untilGone(namespace, 'chaos-redis');
});

test('HTTP: ports below 1024, and faults on one of two ports', async () => {
  const page = () => client.call('httpGet', { url: 'http://web/' });
  const figures = () => client.call('httpGet', { url: 'http://web:9090/' });
  const direct = await page();
  const clientAddress = direct.text.replace('page to ', '');
  await putInFront(namespace, front('chaos-web', 'web', { ports: ['http'] }, DELAYED));
  await namespace.wait('chaos-web', 'Programmed');
  await eventually(async () => expect((await page()).text).not.toBe(direct.text), {
    timeoutMs: 5_000,
  });
  const through = await page();
  const gateAddress = through.text.replace('page to ', '');
  expect(through.milliseconds).toBeGreaterThanOrEqual(DELAY);
  // The other port passes everything, through the gate as well.
  const other = await figures();
  expect(other.text).toBe(`figures to ${gateAddress}`);
  expect(other.milliseconds).toBeLessThan(DELAY);
  await takeAway(namespace, 'chaos-web', 'web', ['app', 'web']);
  await eventually(async () => expect((await page()).text).toBe(`page to ${clientAddress}`), {
    timeoutMs: 5_000,
  });
  await untilGone(namespace, 'chaos-web');
});
