/**
 * Who else applies the Service, before, while and after a gate is in front of it: by hand, a controller, Helm 3 and 4. None
 * leaves it without endpoints, and afterwards none meets a conflict.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { helm3Program } from '../binaries.ts';
import { Agent } from './support/agent.ts';
import { eventually } from './support/eventually.ts';
import {
  front,
  getService,
  marks,
  putInFront,
  selectorManagers,
  takeAway,
  untilGone,
} from './support/front.ts';
import { attempt, type Output } from './support/kubectl.ts';
import type { GateStatus } from './support/manifests.ts';
import { Namespace } from './support/namespace.ts';

const PORT = 7_000;
const SELECTOR = { app: 'server', tier: 'backend' };
const TEMPLATE = `apiVersion: v1
kind: Service
metadata: { name: "{{ .Release.Name }}", labels: { note: "{{ .Values.note }}" } }
spec: { selector: ${JSON.stringify(SELECTOR)}, ports: [{ port: ${PORT} }] }
`;

let namespace: Namespace;
let server: Agent;
let client: Agent;
let chart: string;
let helm3: string;

beforeAll(async () => {
  namespace = await Namespace.create('fronttools');
  chart = await mkdtemp(join(tmpdir(), 'chaosgate-chart-'));
  await mkdir(join(chart, 'templates'));
  await writeFile(join(chart, 'Chart.yaml'), 'apiVersion: v2\nname: web\nversion: 0.1.0\n');
  await writeFile(join(chart, 'values.yaml'), 'note: first\n');
  await writeFile(join(chart, 'templates/service.yaml'), TEMPLATE);
  helm3 = await helm3Program();
  [server, client] = await Promise.all([
    Agent.start(namespace, 'server', { labels: { tier: 'backend' } }),
    Agent.start(namespace, 'client'),
  ]);
  await server.call('steadyServe', { port: PORT });
});

afterAll(async () => {
  client.stop();
  server.stop();
  await rm(chart, { recursive: true });
  await namespace.delete();
});

/** Applies the Service with this text in a label, as often as it is asked to. */
type Apply = (service: string, note: string) => Promise<Output>;

interface Tool {
  readonly service: string;
  readonly says: string;
  readonly create: Apply;
  readonly apply: Apply;
  /** While the gate is in front: what `apply` does. */
  readonly during: 'conflicts' | 'puts back';
  /** Who manages the selector, as `manager/operation`: before, and once the gate is gone. */
  readonly managers: readonly [string, string];
}

function manifest(name: string, note: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: namespace.name, labels: { note } },
    spec: { selector: SELECTOR, ports: [{ port: PORT }] },
  });
}

function kubectl(verb: string, ...options: string[]): Apply {
  return (service, note) =>
    attempt('kubectl', [verb, ...options, '-f', '-'], { input: manifest(service, note) });
}

function serverSide(...options: string[]): Apply {
  return kubectl('apply', '--server-side', '--field-manager=controller', ...options);
}

const mergePatch: Apply = (service, note) => {
  const patch = { metadata: { labels: { note } }, spec: { selector: SELECTOR } };
  const options = ['--type=merge', '-p', JSON.stringify(patch)];
  return namespace.tryKubectl('patch', 'service', service, ...options);
};

function helm(program: () => string, verb: string, ...options: string[]): Apply {
  return (service, note) =>
    attempt(program(), [
      ...[verb, service, chart, '-n', namespace.name, '--set', `note=${note}`],
      ...options,
    ]);
}

const three = () => helm3;
const four = () => 'helm';

const TOOLS: readonly Tool[] = [
  {
    service: 'by-hand',
    says: 'kubectl apply',
    create: kubectl('apply'),
    apply: kubectl('apply'),
    during: 'puts back',
    managers: ['kubectl-client-side-apply/Update', 'kubectl-client-side-apply/Update'],
  },
  {
    service: 'patched',
    says: 'a merge patch of the selector',
    create: kubectl('create'),
    apply: mergePatch,
    during: 'puts back',
    managers: ['kubectl-create/Update', 'kubectl-patch/Update'],
  },
  {
    service: 'controller',
    says: 'server-side apply',
    create: serverSide(),
    apply: serverSide(),
    during: 'conflicts',
    managers: ['controller/Apply', 'controller/Apply'],
  },
  {
    service: 'forceful',
    says: 'server-side apply that forces conflicts',
    create: serverSide('--force-conflicts'),
    apply: serverSide('--force-conflicts'),
    during: 'puts back',
    managers: ['controller/Apply', 'controller/Apply'],
  },
  {
    service: 'helm-three',
    says: "Helm 3's upgrade",
    create: helm(three, 'install'),
    apply: helm(three, 'upgrade'),
    during: 'puts back',
    managers: ['helm/Update', 'helm/Update'],
  },
  {
    service: 'helm-four',
    says: "Helm 4's upgrade",
    create: helm(four, 'install'),
    apply: helm(four, 'upgrade'),
    during: 'conflicts',
    managers: ['helm/Apply', 'helm/Apply'],
  },
  {
    service: 'helm-forceful',
    says: "Helm 4's upgrade that forces conflicts",
    create: helm(four, 'install'),
    apply: helm(four, 'upgrade', '--force-conflicts'),
    during: 'puts back',
    managers: ['helm/Apply', 'helm/Apply'],
  },
];

const ok = (output: Output) => expect(output.code, output.stderr).toBe(0);

async function condition(gate: string, type: string) {
  const { status } = await namespace.get<GateStatus>('tcpgate', gate);
  return status.conditions?.find((one) => one.type === type);
}

test.concurrent.each(TOOLS)('$says $during', async (tool) => {
  const { service, create, apply, during, managers } = tool;
  const gate = `${service}-chaos`;
  ok(await create(service, 'first'));
  ok(await apply(service, 'before'));
  expect(selectorManagers(await getService(namespace, service))).toEqual([managers[0]]);
  const target = { host: service, port: PORT };
  await client.open(service, target);
  await client.call('steadyStart', { name: service, target, perSecond: 20 });

  await putInFront(namespace, front(gate, service));
  const ours = (await getService(namespace, service)).spec.selector;
  expect(Object.keys(ours)).toEqual(Object.keys(SELECTOR));
  const output = await apply(service, 'during');
  const meanwhile = await getService(namespace, service);
  if (during === 'conflicts') {
    expect(output.code).not.toBe(0);
    expect(output.stderr).toMatch(/conflict.*chaosgate/is);
    expect(meanwhile.spec.selector).toEqual(ours);
    expect(await condition(gate, 'InFront')).toMatchObject({ status: 'True' });
    await takeAway(namespace, gate, service, ['app', SELECTOR.app]);
  } else {
    ok(output);
    expect(meanwhile.spec.selector).toEqual(SELECTOR);
    await eventually(async () => {
      const inFront = await condition(gate, 'InFront');
      expect(inFront).toMatchObject({ status: 'False', reason: 'Reverted' });
      expect(inFront?.message).toContain(managers[1].split('/')[0]);
    });
    // It gives way for good, and takes its marks along.
    await eventually(async () => expect(marks(await getService(namespace, service))).toEqual([]));
    await namespace.kubectl('delete', 'tg', gate, '--wait=false');
  }
  await untilGone(namespace, gate);

  const after = await getService(namespace, service);
  expect(after.spec.selector).toEqual(SELECTOR);
  expect(marks(after)).toEqual([]);
  expect(selectorManagers(after)).toEqual([managers[1]]);
  ok(await apply(service, 'after'));
  const last = await getService(namespace, service);
  expect(last.metadata.labels?.note).toBe('after');
  expect(last.spec.selector).toEqual(SELECTOR);
  const outcomes = await client.call('steadyStop', { name: service });
  expect(outcomes).toEqual({ ok: expect.any(Number) });
});
