/** Whatever part goes away: open connections live on with their faults, and the next patch arrives. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { ensureCluster } from '../cluster.ts';
import { Agent } from './support/agent.ts';
import { eventually } from './support/eventually.ts';
import { kubectl } from './support/kubectl.ts';
import { type GateStatus, gate, service } from './support/manifests.ts';
import { Namespace } from './support/namespace.ts';
import { leader, SYSTEM, scaleOperator } from './support/system.ts';

const DELAY = 250;
const DELAYED = { toClient: { delay: { milliseconds: DELAY } } };
const NAMES = ['a', 'b', 'c'];
/** Milliseconds that the API server is away. */
const AWAY = 30_000;
const target = { host: 'tough', port: 7_000 };

let namespace: Namespace;
let agent: Agent;

beforeAll(async () => {
  namespace = await Namespace.create('resilience');
  agent = await Agent.start(namespace, 'echo');
  await agent.call('tcpEcho', { port: 7_000 });
  await namespace.apply(
    service('echo', 'echo', 7_000),
    gate('tough', { upstream: { host: 'echo', port: 7_000 } }),
  );
  await namespace.wait('tough', 'Ready', 60);
});

afterAll(async () => {
  agent.stop();
  await namespace.delete();
});

beforeEach(async () => {
  await namespace.patchAndWait('tough', { toServer: null, ...DELAYED });
  await namespace.wait('tough', 'Ready', 60);
  await open();
});

afterEach(async () => {
  for (const name of NAMES) await agent.call('tcpClose', { name });
});

async function open(): Promise<void> {
  for (const name of NAMES) {
    await agent.open(name, target);
  }
}

/** Every connection answers, and is as slow as the gate should make it. */
async function expectDelay(delay: number): Promise<void> {
  const figures = await agent.call('tcpRoundTrips', { names: NAMES });
  expectFigures(figures, delay, delay + DELAY);
}

function expectFigures(figures: readonly number[], atLeast: number, lessThan: number): void {
  for (const milliseconds of figures) {
    expect(milliseconds).toBeGreaterThanOrEqual(atLeast);
    expect(milliseconds).toBeLessThan(lessThan);
  }
}

async function killProxy(): Promise<void> {
  const selector = 'chaosgate.dev/gate=tough,app.kubernetes.io/component=proxy';
  await namespace.kubectl('delete', 'pod', '-l', selector, '--grace-period=0', '--force');
  await namespace.kubectl('rollout', 'status', 'deployment/tough-chaosgate', '--timeout=60s');
}

async function reopen(): Promise<void> {
  await eventually(async () => {
    for (const name of NAMES) await agent.call('tcpClose', { name }).catch(() => {});
    await open();
  });
}

test('a proxy pod that is killed comes back with the faults', async () => {
  await killProxy();
  await reopen();
  await expectDelay(DELAY);
});

test('a proxy pod that is killed while there is no operator comes back with the faults', async () => {
  await scaleOperator(0);
  try {
    await expectDelay(DELAY);
    await killProxy();
    await reopen();
    await expectDelay(DELAY);
  } finally {
    await scaleOperator(1);
  }
  await namespace.patchAndWait('tough', { toClient: null });
  await expectDelay(0);
});

test('an operator that is killed takes over running pods when it is back', async () => {
  const pods = () =>
    namespace.kubectl('get', 'pod', '-l', 'chaosgate.dev/gate=tough', '-o', 'name');
  const before = await pods();
  await kubectl([
    ...['-n', SYSTEM, 'delete', 'pod', '-l', 'app.kubernetes.io/component=operator'],
    ...['--grace-period=0', '--force'],
  ]);
  await expectDelay(DELAY);
  await namespace.patchAndWait('tough', { toClient: null });
  await expectDelay(0);
  expect(await pods()).toBe(before);
});

test('a standby operator takes over', async () => {
  await scaleOperator(2);
  try {
    const first = await leader();
    await kubectl(['-n', SYSTEM, 'delete', 'pod', first, '--wait=false']);
    await eventually(async () => expect(await leader()).not.toBe(first), { timeoutMs: 60_000 });
    await namespace.patchAndWait('tough', { toClient: null });
    await expectDelay(0);
  } finally {
    await scaleOperator(1);
  }
});

/**
 * The cluster's own parts have found the API server again, which takes them up to half a minute and more: its
 * controllers, DNS and kube-proxy know of a new Service.
 */
async function clusterIsWhole(): Promise<void> {
  await namespace.apply(service('fresh', 'echo', 7_000));
  const target = { host: 'fresh', port: 7_000 };
  await eventually(() => agent.open('fresh', target), { timeoutMs: 120_000 });
  await agent.call('tcpClose', { name: 'fresh' });
}

test('an API server that is away for 30 s changes nothing for open connections', {
  timeout: 300_000,
}, async () => {
  const cluster = await ensureCluster();
  // Nobody reaches the agent while the API server is away, so it measures by itself, and beyond.
  const forMs = AWAY + 10_000;
  await agent.call('tcpProbe', { names: NAMES, forMs, everyMs: 500 });
  await cluster.stopApiServer();
  try {
    await sleep(AWAY);
  } finally {
    await cluster.startApiServer();
  }
  const figures = await eventually(() => agent.call('tcpProbed', {}), { timeoutMs: 60_000 });
  expect(figures.length).toBeGreaterThan(forMs / (500 + 2 * DELAY) / 2);
  // An API server that starts takes all of the machine's processors for some seconds.
  expectFigures(figures.flat(), DELAY, DELAY + 3_000);
  await expectDelay(DELAY);
  await eventually(() => namespace.patch('tough', { toClient: null }), { timeoutMs: 60_000 });
  await namespace.wait('tough', 'Programmed', 60);
  await expectDelay(0);
  await eventually(async () => {
    const { status } = await namespace.get<GateStatus>('tcpgate', 'tough');
    expect(status.connections?.active).toBe(NAMES.length);
  });
  await clusterIsWhole();
});
