/** No operator, and gates in front of Services: `chaosgate release`, and the way back by hand as it is documented. */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Agent } from './support/agent.ts';
import { eventually } from './support/eventually.ts';
import {
  front,
  getService,
  type LiveService,
  marks,
  putInFront,
  selectorManagers,
} from './support/front.ts';
import { attempt, kubectl, type Output } from './support/kubectl.ts';
import { service } from './support/manifests.ts';
import { Namespace } from './support/namespace.ts';
import { scaleOperator } from './support/system.ts';

const CHAOSGATE = join(import.meta.dirname, '../../../bin/chaosgate.cjs');
const DOC = join(import.meta.dirname, '../../../docs/in-front-of-a-service.md');
const PORT = 7_000;
/** The document's names, and those of two more. */
const SERVICES = ['postgres', 'first', 'second', 'third'];
const gateOf = (name: string) => `${name}-chaos`;

let namespace: Namespace;
let server: Agent;
let client: Agent;
let kubeconfig: string;
const before = new Map<string, LiveService>();

beforeAll(async () => {
  namespace = await Namespace.create('frontrelease');
  [server, client] = await Promise.all([
    Agent.start(namespace, 'postgres'),
    Agent.start(namespace, 'client'),
  ]);
  await server.call('steadyServe', { port: PORT });
  await namespace.apply(...SERVICES.map((name) => service(name, 'postgres', PORT)));
  for (const name of SERVICES) before.set(name, await getService(namespace, name));
  await Promise.all(
    SERVICES.map(async (name) => {
      await putInFront(namespace, front(gateOf(name), name));
      const target = { host: name, port: PORT };
      await client.open(name, target);
      await client.call('steadyStart', { name, target, perSecond: 20 });
    }),
  );
  kubeconfig = await editorsKubeconfig();
  await scaleOperator(0);
});

afterAll(async () => {
  await scaleOperator(1);
  client.stop();
  server.stop();
  await rm(kubeconfig, { force: true });
  await namespace.delete();
});

/** Of somebody who has the role `edit` in the namespace, and nothing else. */
async function editorsKubeconfig(): Promise<string> {
  const { name } = namespace;
  await namespace.kubectl('create', 'serviceaccount', 'editor');
  await namespace.kubectl(
    ...['create', 'rolebinding', 'editor', '--clusterrole=edit'],
    `--serviceaccount=${name}:editor`,
  );
  const token = (await namespace.kubectl('create', 'token', 'editor')).trim();
  const config = JSON.parse(
    await kubectl(['config', 'view', '--raw', '--minify', '--flatten', '-o', 'json']),
  );
  config.users = [{ name: 'editor', user: { token } }];
  config.contexts = [
    {
      name: 'editor',
      context: { cluster: config.clusters[0].name, user: 'editor', namespace: name },
    },
  ];
  config['current-context'] = 'editor';
  const path = join(tmpdir(), `${name}.kubeconfig`);
  await writeFile(path, JSON.stringify(config), { mode: 0o600 });
  return path;
}

function asEditor(...command: readonly [string, ...string[]]): Promise<Output> {
  return attempt('env', [`KUBECONFIG=${kubeconfig}`, ...command]);
}

function release(...args: string[]): Promise<Output> {
  return asEditor(process.execPath, CHAOSGATE, 'release', ...args);
}

async function expectAsBefore(name: string): Promise<void> {
  const [was, is] = [before.get(name), await getService(namespace, name)];
  expect(is.spec).toEqual(was?.spec);
  expect(marks(is)).toEqual([]);
}

async function expectInFront(name: string): Promise<void> {
  const { spec, metadata } = await getService(namespace, name);
  expect(spec.selector.app).toMatch(/^chaosgate-[0-9a-f]{10}$/);
  expect(metadata.labels?.['chaosgate.dev/gate']).toBe(gateOf(name));
}

/** The garbage collector takes what was the gate's. */
async function expectNothingLeft(name: string): Promise<void> {
  expect((await namespace.tryKubectl('get', 'tg', gateOf(name))).stderr).toContain('NotFound');
  await eventually(async () => {
    const left = await namespace.kubectl(
      ...['get', 'deployment,secret,service,networkpolicy,pod', '-o', 'name'],
      ...['-l', `chaosgate.dev/gate=${gateOf(name)}`],
    );
    expect(left).toBe('');
  });
}

async function expectNoneLost(name: string): Promise<void> {
  const outcomes = await client.call('steadyStop', { name });
  expect(outcomes).toEqual({ ok: expect.any(Number) });
}

test('release: the Service is as it was, the gate is gone, and no connection was lost', async () => {
  const { code, stdout, stderr } = await release('first');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toBe(
    [
      `service/first in namespace ${namespace.name} restored: selects app=postgres`,
      `tcpgate.chaosgate.dev "first-chaos" deleted from ${namespace.name} namespace`,
      '',
    ].join('\n'),
  );
  await expectAsBefore('first');
  const managers = selectorManagers(await getService(namespace, 'first'));
  expect(managers).toEqual(['kubectl-client-side-apply/Update']);
  await expectNothingLeft('first');
  await expectNoneLost('first');
  for (const name of ['postgres', 'second', 'third']) await expectInFront(name);
});

test('release of a Service without a gate says so', async () => {
  expect(await release('first')).toEqual({
    code: 1,
    stdout: '',
    stderr: `error: no gate is in front of service/first in namespace ${namespace.name}\n`,
  });
  expect((await release()).stderr).toContain('name a Service, or use --all');
});

test('by hand, with the commands of the documentation', async () => {
  const text = await readFile(DOC, 'utf8');
  const section = text.split('\n## ').find((one) => one.startsWith('The way back by hand')) ?? '';
  const commands = [...section.matchAll(/^\$ (kubectl .*)$/gm)].map(([, line = '']) => line);
  expect(commands).toHaveLength(6);
  for (const command of commands) {
    const { code, stdout, stderr } = await asEditor('sh', '-c', command);
    expect(code, `${command}: ${stderr}`).toBe(0);
    if (command.includes('get svc')) expect(stdout).toBe('{"app":"postgres"}');
  }
  await expectAsBefore('postgres');
  await expectNothingLeft('postgres');
  await expectNoneLost('postgres');
});

test('release --all: every Service of the namespace', async () => {
  const { code, stdout, stderr } = await release('--all', '-n', namespace.name);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  for (const name of ['second', 'third']) {
    expect(stdout).toContain(`service/${name} in namespace ${namespace.name} restored`);
    await expectAsBefore(name);
    await expectNothingLeft(name);
    await expectNoneLost(name);
  }
  expect((await release('--all', '-n', namespace.name)).stdout).toContain(
    'No gate is in front of any Service',
  );
});
