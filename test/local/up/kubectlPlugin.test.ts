/** `kubectl chaosgate`: the stock kubectl finds the package's `kubectl-chaosgate` on PATH. */
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { aFolder, aGate, BIN, startUp, type Up } from './support/up.ts';

const upstream = { host: 'localhost', port: 9 };
const DROP = '{"spec":{"toClient":{"drop":{}}}}';
const LIFT = '[{"op":"remove","path":"/spec/toClient"}]';
const PROGRAMMED = '--for=condition=Programmed';

let up: Up;
/** PATH as after `npm install --global chaosgate`, whatever Node.js the machine has. */
let path: string;

beforeEach(async () => {
  up = await startUp({ gates: aGate('db', { upstream }) });
  await up.up.untilReady('db');
  const bin = await aFolder();
  await mkdir(join(bin, 'node'));
  await symlink(process.execPath, join(bin, 'node', 'node'));
  await symlink(join(BIN, '../kubectl-chaosgate.cjs'), join(bin, 'kubectl-chaosgate'));
  path = [bin, join(bin, 'node'), process.env.PATH].join(delimiter);
});

function plugin(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  return up.kubectl.attempt(['chaosgate', ...args], { env: { PATH: path, ...env } });
}

test('get, patch and wait say what those of kubectl say', async () => {
  const lines = [
    ['get', 'tg', '-A', '-o', 'name'],
    ['patch', 'tg', 'db', '--type=merge', '-p', DROP],
    ['wait', 'tg/db', PROGRAMMED, '--timeout=10s'],
    ['get', 'tg', 'db', '-o', 'jsonpath={.status.faults}'],
    ['get', 'tg', 'nothing'],
  ];
  for (const line of lines) {
    const ours = await plugin(line);
    if (line[0] === 'patch') await up.kubectl.run('patch', 'tg', 'db', '--type=json', '-p', LIFT);
    expect(ours).toEqual(await up.kubectl.attempt(line));
  }
  expect((await plugin(['get', 'tg'])).stdout).toMatch(/toClient drop/);
});

test('it asks the server that kubectl asks, and not a chaosgate up that runs', async () => {
  const home = await aFolder();
  const other = join(home, '.kube', 'config');
  await mkdir(join(home, '.kube'));
  const cluster = { server: 'http://127.0.0.1:1' };
  await writeFile(
    other,
    JSON.stringify({
      'current-context': 'a',
      clusters: [{ name: 'a', cluster }],
      contexts: [{ name: 'a', context: { cluster: 'a', user: 'a' } }],
      users: [{ name: 'a', user: {} }],
    }),
  );
  await mkdir(join(home, '.chaosgate'));
  await symlink(join(up.home, '.chaosgate/kubeconfig'), join(home, '.chaosgate/kubeconfig'));
  const { code, stderr } = await plugin(['get', 'tg'], { HOME: home, KUBECONFIG: '' });
  expect(stderr).toContain('127.0.0.1:1');
  expect(code).toBe(1);
});

test('its usage is that of a plugin', async () => {
  expect((await plugin(['get', '--help'])).stdout).toMatch(/^Usage: kubectl chaosgate get /);
  const listed = await up.kubectl.attempt(['plugin', 'list', '--name-only'], {
    env: { PATH: path },
  });
  expect(listed.stdout).toMatch(/^kubectl-chaosgate$/m);
});
