/**
 * The operator dies after each of its writes while it puts a gate in front of a Service, and while it takes it away: an
 * operator after it brings the Service to where it should be, and it always leads to somebody.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Reflector } from '../../../src/kube/reflector.ts';
import type { Resource } from '../../../src/kube/resource.ts';
import { leadsTo, type SelectingService } from '../../../src/operator/front/handover.ts';
import { TCP_GATES } from '../../../src/operator/resources.ts';
import { eventually } from './support/eventually.ts';
import { FrontScene, GATE, type Gate, SELECTOR, SERVICES } from './support/frontScene.ts';
import { scaleOperator } from './support/system.ts';

/** Deaths that are played at the same time, each in a namespace of its own. */
const AT_ONCE = 4;

const scenes: FrontScene[] = [];

beforeAll(async () => {
  // One operator for each gate: here they are those of the tests.
  await scaleOperator(0);
});

afterAll(async () => {
  await Promise.all(scenes.map((scene) => scene.stop()));
  await scaleOperator(1);
});

async function newScene(): Promise<FrontScene> {
  const scene = await FrontScene.create();
  scenes.push(scene);
  return scene;
}

/** With a gate in front of the Service, and an operator. */
async function inFront(): Promise<FrontScene> {
  const scene = await newScene();
  await scene.createGate();
  await scene.operator();
  await scene.isInFront();
  return scene;
}

/** Plays it with an operator that dies after its first write, its second, until one lives. Returns how many writes that has. */
async function afterEachWrite(play: (lives: number) => Promise<boolean>): Promise<number> {
  for (let first = 1; ; first += AT_ONCE) {
    const all = Array.from({ length: AT_ONCE }, (_, index) => first + index);
    const haveDied = await Promise.all(all.map(play));
    const living = haveDied.indexOf(false);
    if (living >= 0) return first + living - 1;
  }
}

test.concurrent('after each write on the way in front', { timeout: 300_000 }, async () => {
  const writes = await afterEachWrite(async (lives) => {
    const scene = await newScene();
    await scene.createGate();
    const mortal = await scene.operator(lives);
    await Promise.race([mortal.death, scene.isInFront()]);
    const hasDied = mortal.isDead;
    await mortal.stop();
    await scene.operator();
    await scene.isInFront();
    await scene.deleteGate();
    await scene.removed();
    expect(scene.wrong, mortal.writes.join()).toEqual([]);
    return hasDied;
  });
  expect(writes).toBeGreaterThan(5);
});

test.concurrent('after each write on the way back', { timeout: 300_000 }, async () => {
  const writes = await afterEachWrite(async (lives) => {
    const scene = await newScene();
    await scene.createGate();
    const first = await scene.operator();
    await scene.isInFront();
    await first.stop();
    await scene.deleteGate();
    const mortal = await scene.operator(lives);
    await Promise.race([mortal.death, scene.isGone()]);
    const hasDied = mortal.isDead;
    await mortal.stop();
    await scene.operator();
    await scene.removed();
    expect(scene.wrong, mortal.writes.join()).toEqual([]);
    return hasDied;
  });
  expect(writes).toBeGreaterThan(2);
});

test.concurrent('a gate that is deleted while the operator is away is taken away when it is back', async () => {
  const scene = await newScene();
  await scene.createGate();
  const first = await scene.operator();
  await scene.isInFront();
  await first.stop();
  await scene.deleteGate();
  const { uid = '' } = (await scene.readGate()).metadata;
  expect(leadsTo(await scene.readService(), uid)).toBe(true);
  await scene.operator();
  await scene.removed();
});

test.concurrent('a change of the selector wins, until a new faultsNonce asks for the gate again', async () => {
  const scene = await inFront();
  await scene.createService();
  await scene.becomes('InFront', 'False', 'Reverted');
  expect((await scene.condition('InFront'))?.message).toContain('"kubectl-client-side-apply"');
  expect((await scene.condition('Stalled'))?.reason).toBe('Reverted');
  await scene.isAsItWas();
  await eventually(() => {
    for (const snapshot of scene.standIns.snapshots(GATE)) expect(snapshot?.stop).toBe('Released');
  });
  // An operator that knows nothing of that stays away, too.
  await scene.stopOperators();
  await scene.operator();
  await scene.patchService({ metadata: { annotations: { any: 'change' } } });
  await scene.patchService({ metadata: { annotations: { any: null } } });
  await scene.becomes('InFront', 'False', 'Reverted');
  expect((await scene.readService()).spec?.selector).toEqual(SELECTOR);

  await scene.namespace.patch(GATE, { faultsNonce: 'again' });
  await scene.isInFront();
  await scene.deleteGate();
  await scene.removed();
});

test.concurrent('a Service that is replaced as a whole is left as it is then', async () => {
  const scene = await inFront();
  const { metadata, spec } = await scene.readService();
  const { labels: _, annotations: _a, managedFields: _m, ...rest } = metadata;
  await scene.kube.replace(SERVICES, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: rest,
    spec: { ...spec, selector: SELECTOR },
  });
  await scene.becomes('InFront', 'False', 'Reverted');
  expect((await scene.readService()).metadata.uid).toBe(metadata.uid);
  expect((await scene.readService()).spec?.selector).toEqual(SELECTOR);
  await scene.deleteGate();
  await scene.isGone();
});

test.concurrent('a Service whose marks somebody removes gets them back, and the gate stays in front', async () => {
  const scene = await inFront();
  await scene.namespace.kubectl('annotate', 'service', 'db', 'chaosgate.dev/original-selector-');
  await eventually(async () => {
    const { annotations = {} } = (await scene.readService()).metadata;
    expect(JSON.parse(annotations['chaosgate.dev/original-selector'] ?? '{}')).toEqual(SELECTOR);
  });
  await scene.namespace.kubectl('label', 'service', 'db', 'chaosgate.dev/gate-');
  await eventually(async () => {
    expect((await scene.readService()).metadata.labels).toEqual({ 'chaosgate.dev/gate': GATE });
  });
  await scene.isInFront();
  await scene.deleteGate();
  await scene.removed();
});

test.concurrent('a Service that is deleted keeps nothing: a gate in front of it goes at once', async () => {
  const scene = await inFront();
  await scene.namespace.kubectl('delete', 'service', 'db');
  await scene.becomes('Stalled', 'True', 'ServiceNotFound');
  await scene.createService();
  await scene.isInFront();
  await scene.namespace.kubectl('delete', 'service', 'db');
  const before = performance.now();
  await scene.deleteGate();
  await scene.isGone();
  expect(performance.now() - before).toBeLessThan(2_000);
  await scene.isClean();
});

test.concurrent('an origin Service that is deleted is made again, and the gate goes on', async () => {
  const scene = await inFront();
  const origin = `${GATE}-origin`;
  const before = await scene.namespace.get<SelectingService>('service', origin);
  await scene.namespace.kubectl('delete', 'service', origin);
  await eventually(async () => {
    const { metadata, spec } = await scene.namespace.get<SelectingService>('service', origin);
    expect(metadata.uid).not.toBe(before.metadata.uid);
    expect(spec?.selector).toEqual(SELECTOR);
  });
  await eventually(async () => {
    const { spec } = await scene.namespace.get<{ spec: { clusterIP: string } }>('service', origin);
    const hosts = scene.standIns.snapshots(GATE).map((snapshot) => snapshot?.config.upstream.host);
    expect(new Set(hosts)).toEqual(new Set([spec.clusterIP]));
  });
  await scene.isInFront();
  await scene.deleteGate();
  await scene.removed();
});

test.concurrent('other ports: the servers are back at once, and the gate once its pods have the ports', async () => {
  const scene = await inFront();
  const ports = [
    { name: 'sql', port: 5_432 },
    { name: 'metrics', port: 9_187, targetPort: 'metrics' },
  ];
  const seen: string[] = [];
  const watching = new Reflector<Gate>({
    kube: scene.kube,
    resource: TCP_GATES as Resource<Gate>,
    namespace: scene.namespace.name,
    onChange: (_, gate) => {
      const found = gate?.status?.conditions?.find(({ type }) => type === 'InFront');
      if (found !== undefined) seen.push(found.reason);
    },
    onError: () => {},
  });
  watching.start();
  await watching.synced;
  await scene.patchService({ spec: { ports } });
  await eventually(() => expect(seen).toContain('PortsChanged'));
  await eventually(() => expect(seen.slice(seen.indexOf('PortsChanged'))).toContain('InFront'));
  await watching.stop();
  await scene.isInFront();
  for (const snapshot of scene.standIns.snapshots(GATE)) {
    expect(snapshot?.ports?.map(({ upstream }) => upstream)).toEqual([5_432, 9_187]);
  }
  await scene.deleteGate();
  await scene.removed(GATE, 'kubectl-patch');
});

test.concurrent('of two gates for one Service the second stays away, and comes when the first has left', async () => {
  const scene = await inFront();
  await scene.createGate('second');
  await scene.becomes('Stalled', 'True', 'AlreadyFronted', 'second');
  await scene.deleteGate();
  await scene.isGone();
  await scene.isInFront('second');
  await scene.deleteGate('second');
  await scene.removed('second');
});

test.concurrent('two gates that are made at once: one of them is in front', async () => {
  const scene = await newScene();
  await scene.operator();
  await Promise.all([scene.createGate('one'), scene.createGate('two')]);
  await eventually(async () => {
    const found = await Promise.all([
      scene.condition('InFront', 'one'),
      scene.condition('InFront', 'two'),
    ]);
    const reasons = new Set(found.map((one) => one?.reason));
    expect(reasons).toEqual(new Set(['AlreadyFronted', 'InFront']));
  });
  await Promise.all([scene.deleteGate('one'), scene.deleteGate('two')]);
  await scene.isGone('one');
  await scene.isGone('two');
  await scene.removed('one');
});

test.concurrent('connections are drained, at most as long as the gate says', async () => {
  const scene = await inFront();
  scene.standIns.connect(GATE, 3);
  await scene.becomes('Connected', 'True');
  const before = performance.now();
  await scene.deleteGate();
  await eventually(async () => {
    expect((await scene.readService()).spec?.selector).toEqual(SELECTOR);
  });
  expect(performance.now() - before).toBeLessThan(1_000);
  await eventually(async () => expect((await scene.condition('InFront'))?.reason).toBe('Draining'));
  for (const snapshot of scene.standIns.snapshots(GATE)) expect(snapshot?.stop).toBe('Released');
  await scene.isGone();
  expect(performance.now() - before).toBeGreaterThan(5_000);
  await scene.removed();
});

test.concurrent('a gate that is in front of nothing yet is gone at once', async () => {
  const scene = await newScene();
  await scene.namespace.kubectl('delete', 'service', 'db');
  await scene.operator();
  await scene.createGate();
  await scene.becomes('Stalled', 'True', 'ServiceNotFound');
  expect((await scene.readGate()).metadata.finalizers).toBeUndefined();
  await scene.deleteGate();
  await scene.isGone();
});

test.concurrent('what is in the way of a gate may be outside of its Service, and is looked at again', async () => {
  const scene = await newScene();
  await scene.namespace.apply({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'clients' },
    spec: {
      podSelector: {},
      policyTypes: ['Egress'],
      egress: [{ to: [{ podSelector: { matchLabels: SELECTOR } }] }],
    },
  });
  await scene.operator();
  await scene.createGate();
  await scene.becomes('Stalled', 'True', 'EgressPolicy');
  expect((await scene.readGate()).metadata.finalizers).toBeUndefined();
  await scene.namespace.kubectl('delete', 'networkpolicy', 'clients');
  await scene.isInFront();
  await scene.deleteGate();
  await scene.removed();
});

test.concurrent('a gate is not put in front of the Service of a gate', async () => {
  const scene = await newScene();
  await scene.operator();
  await scene.createGate('plain', { service: undefined, upstream: { host: 'db', port: 5_432 } });
  await eventually(() => scene.namespace.get('service', 'plain'));
  await scene.createGate(GATE, { service: { name: 'plain' } });
  await scene.becomes('Stalled', 'True', 'OwnedByController');
  await scene.deleteGate();
  await scene.deleteGate('plain');
  await scene.isGone();
  await scene.isClean('plain');
});

test.concurrent('servers that are gone for a while change nothing but that nobody answers', async () => {
  const scene = await inFront();
  await scene.namespace.kubectl('delete', 'pod', 'db-0');
  await scene.startServer();
  await scene.isInFront();
  await scene.deleteGate();
  await scene.removed();
});

test.concurrent('a namespace that is deleted takes its gate along', async () => {
  const scene = await inFront();
  await scene.namespace.delete();
  await eventually(
    async () => {
      const { stdout } = await scene.namespace.tryKubectl(
        'get',
        'namespace',
        scene.namespace.name,
        '-o',
        'name',
      );
      expect(stdout).toBe('');
    },
    { timeoutMs: 90_000 },
  );
});
