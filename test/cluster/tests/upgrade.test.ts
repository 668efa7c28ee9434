/** From the last release to this one and back, as docs/upgrade.md says it: what open connections see, and what the status says. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ensureCluster } from '../cluster.ts';
import { builtLastRelease, type LastRelease } from '../lastRelease.ts';
import { Agent } from './support/agent.ts';
import { eventually } from './support/eventually.ts';
import { CHART, installChart, uninstallChart } from './support/install.ts';
import { attempt, helm, kubectl } from './support/kubectl.ts';
import { type GateStatus, gate, IMAGE, service } from './support/manifests.ts';
import { Namespace } from './support/namespace.ts';
import { SYSTEM } from './support/system.ts';

const DEFINITION = 'crd/tcpgates.chaosgate.dev';
/** Milliseconds; far more than a busy machine adds. */
const DELAY = 1_000;
const GATES = ['slow', 'plain'];
const upstream = { host: 'echo', port: 7_000 };

let release: LastRelease;
let namespace: Namespace;
let agent: Agent;

beforeAll(async () => {
  release = await builtLastRelease();
  const cluster = await ensureCluster();
  await cluster.load(release.image);
  await uninstallChart('chaosgate', SYSTEM);
  // Nothing of this version may be left for the last one to find.
  await kubectl(['delete', DEFINITION, '--timeout=120s'], { timeoutMs: 130_000 });
  await helm(['install', 'chaosgate', release.chart, ...options(imageValues(release.image))]);
  namespace = await Namespace.create('upgrade');
  agent = await Agent.start(namespace, 'echo');
  await agent.call('tcpEcho', { port: upstream.port });
  await namespace.apply(
    service('echo', 'echo', upstream.port),
    gate('slow', { upstream, toClient: { delay: { milliseconds: DELAY } } }),
    gate('plain', { upstream }),
  );
  for (const name of GATES) await namespace.wait(name, 'Ready', 60);
  await open('first', 'slow');
  await expectDelay('first', DELAY);
});

afterAll(async () => {
  agent?.stop();
  await namespace?.delete();
  await attempt('helm', ['uninstall', 'chaosgate', '-n', SYSTEM, '--wait']);
  await installChart('chaosgate', SYSTEM);
});

/** The values that name an image. */
function imageValues(image: string) {
  const [, registry = '', repository = '', tag = ''] = /^(.*?)\/(.*):(.*)$/.exec(image) ?? [];
  return { registry, repository, tag };
}

function options(image: object, proxy: object = {}): string[] {
  const values = Object.entries({ image, proxy }).map(
    ([name, value]) => `${name}=${JSON.stringify(value)}`,
  );
  const set = values.flatMap((value) => ['--set-json', value]);
  return ['-n', SYSTEM, '--wait', '--timeout', '2m', ...set];
}

/** `helm upgrade`, as docs/upgrade.md has it. */
async function change(chart: string, image: string, proxies = image): Promise<void> {
  const proxy = proxies === image ? {} : { image: imageValues(proxies) };
  await helm(['upgrade', 'chaosgate', chart, ...options(imageValues(image), proxy)]);
}

/** Waits until every gate is served by one proxy, of that image, and says so. */
async function expectServing(image: string): Promise<void> {
  for (const name of GATES) {
    await eventually(
      async () => {
        const pods = await namespace.kubectl(
          ...['get', 'pods', '-l', `chaosgate.dev/gate=${name}`],
          ...['-o', 'jsonpath={.items[*].spec.containers[*].image}'],
        );
        expect(pods).toBe(image);
        expect(await conditions(name)).toMatchObject({ Ready: 'True', Programmed: 'True' });
      },
      { timeoutMs: 60_000 },
    );
  }
}

/** The status of each condition, when they are those of the spec as it is. */
async function conditions(name: string): Promise<Record<string, string>> {
  const { metadata, status } = await namespace.get<GateStatus>('tcpgate', name);
  expect(status.observedGeneration).toBe(metadata.generation);
  return Object.fromEntries((status.conditions ?? []).map((one) => [one.type, one.status]));
}

async function open(connection: string, name: string): Promise<void> {
  await agent.open(connection, { host: name, port: upstream.port });
}

async function expectDelay(connection: string, milliseconds: number): Promise<void> {
  const [took = Number.NaN] = await agent.call('tcpRoundTrips', { names: [connection] });
  expect(took).toBeGreaterThanOrEqual(milliseconds);
  expect(took).toBeLessThan(milliseconds + DELAY);
}

/** Its proxy has closed it, in order. */
async function expectClosed(connection: string): Promise<void> {
  const { state } = await agent.call('tcpWait', { name: connection, timeoutMs: 20_000 });
  expect(state).toBe('fin');
}

async function definitionHas(field: string): Promise<boolean> {
  const { code } = await attempt('kubectl', ['explain', `tcpgate.spec.${field}`]);
  return code === 0;
}

test('a new operator leaves old proxies their connections and faults, and says that it cannot change them', async () => {
  await change(CHART, IMAGE, release.image);
  expect(await definitionHas('suspend')).toBe(true);
  await namespace.patch('slow', { toClient: null });
  await eventually(async () => {
    const { metadata, status } = await namespace.get<GateStatus>('tcpgate', 'slow');
    const programmed = status.conditions?.find(({ type }) => type === 'Programmed');
    expect(status.observedGeneration).toBe(metadata.generation);
    expect(programmed).toMatchObject({ status: 'False', reason: 'ProxyRejected' });
    expect(programmed?.message).toContain('its version is older than the operator');
  });
  await expectDelay('first', DELAY);
  await namespace.patch('slow', { toClient: { delay: { milliseconds: DELAY } } });
});

test('new proxies close the connections of the old ones, and have their faults', async () => {
  await change(CHART, IMAGE);
  await expectServing(IMAGE);
  await expectClosed('first');
  await open('second', 'slow');
  await expectDelay('second', DELAY);
});

test('what is new takes effect then, on open connections', async () => {
  await namespace.patchAndWait('slow', { durationSeconds: 600 });
  await expectDelay('second', DELAY);
  await namespace.patchAndWait('slow', { suspend: true });
  await expectDelay('second', 0);
});

test('a downgrade closes connections, and forgets what the last release does not know', async () => {
  await change(release.chart, release.image);
  expect(await definitionHas('suspend')).toBe(false);
  await expectServing(release.image);
  await expectClosed('second');
  await open('third', 'slow');
  // It was suspended.
  await expectDelay('third', DELAY);
  await namespace.patchAndWait('slow', { toClient: null });
  await expectDelay('third', 0);
  await expectServing(release.image);
});
