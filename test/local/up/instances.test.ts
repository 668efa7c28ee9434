/** The kubeconfig of `chaosgate up`, and several processes that want the same file. */
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { aFolder, Chaosgate, startUp } from './support/up.ts';

const kubeconfigIn = (home: string) => join(home, '.chaosgate', 'kubeconfig');

test('the kubeconfig is for its owner alone, and is removed at the end', async () => {
  const { up, home } = await startUp();
  const { mode } = await stat(kubeconfigIn(home));
  expect(mode & 0o777).toBe(0o600);
  await up.stop();
  await expect(stat(kubeconfigIn(home))).rejects.toMatchObject({ code: 'ENOENT' });
});

test('a second process is told to name another kubeconfig, and the first one goes on', async () => {
  const { home, kubectl } = await startUp();
  const before = await readFile(kubeconfigIn(home), 'utf8');
  const second = new Chaosgate(['up'], { home });
  expect(await second.exit()).toBe(1);
  expect(second.stderr).toContain(`Another "chaosgate up" serves ${kubeconfigIn(home)}`);
  expect(await readFile(kubeconfigIn(home), 'utf8')).toBe(before);
  await kubectl.run('get', 'tg');

  const third = await startUp({ home, args: ['--kubeconfig', 'another'] });
  await third.up.stop();
  expect(await readFile(kubeconfigIn(home), 'utf8')).toBe(before);
});

test('what a killed process left behind is taken over', async () => {
  const { up, home } = await startUp();
  await up.stop('SIGKILL');
  await stat(kubeconfigIn(home));
  const { kubectl } = await startUp({ home });
  await kubectl.run('get', 'tg');
});

test('a kubeconfig that somebody has written over by then stays', async () => {
  const { up, home } = await startUp();
  await writeFile(kubeconfigIn(home), 'of somebody else');
  await up.stop();
  expect(await readFile(kubeconfigIn(home), 'utf8')).toBe('of somebody else');
});

test('a kubeconfig of a cluster is not written over', async () => {
  const home = await aFolder();
  const file = join(home, 'config');
  const text = `apiVersion: v1
kind: Config
current-context: work
clusters: [{ name: work, cluster: { server: "https://192.0.2.1:6443" } }]
`;
  await writeFile(file, text);
  const up = new Chaosgate(['up', '--kubeconfig', file], { home });
  expect(await up.exit()).toBe(1);
  expect(up.stderr).toContain('would be lost: use another file with --kubeconfig');
  expect(await readFile(file, 'utf8')).toBe(text);
});

test('two processes cannot keep their gates in one file', async () => {
  const home = await aFolder();
  const args = ['--state', 'state.json'];
  const first = await startUp({ home, args });
  const second = new Chaosgate(['up', ...args, '--kubeconfig', 'another'], { home });
  expect(await second.exit()).toBe(1);
  expect(second.stderr).toMatch(/Another process keeps its gates in .*state\.json/);
  await first.up.stop();
  await startUp({ home, args });
});

test.each(['192.0.2.1', 'no.such.name.invalid'])(
  '%s is no address to listen on',
  async (address) => {
    const up = new Chaosgate(['up', '--listen', address], { home: await aFolder() });
    expect(await up.exit()).toBe(1);
    expect(up.stderr).toContain(
      `Gates cannot listen on ${address}: it is not an address of this machine`,
    );
  },
);
