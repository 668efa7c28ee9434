/** Messages that tell people to do something: it is done, and then all is well. */
import { chmod, mkdir, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { freePort } from '../../gate/support/ports.ts';
import { kubectlProgram } from '../support/kubectl.ts';
import { aFolder, aGate, BIN, Chaosgate, type Line, startUp, type Up } from './support/up.ts';

const upstream = { host: 'localhost', port: 9 };

/** A line of a shell in which `chaosgate` and `kubectl` are found, as it was advised. */
async function follow(advice: string, home: string): Promise<Chaosgate> {
  const bin = join(home, 'bin');
  await mkdir(bin, { recursive: true });
  const programs = {
    chaosgate: `"${process.execPath}" "${BIN}"`,
    kubectl: `"${await kubectlProgram()}"`,
  };
  for (const [name, command] of Object.entries(programs)) {
    await writeFile(join(bin, name), `#!/bin/sh\nexec ${command} "$@"\n`);
    await chmod(join(bin, name), 0o755);
  }
  const env = { PATH: `${bin}:${process.env.PATH}` };
  return new Chaosgate([], { home, shell: advice, env });
}

async function messageOf({ up }: Up, pattern: RegExp): Promise<string> {
  const isIt = ({ problems = [] }: Line) =>
    problems.some(({ message }) => pattern.test(String(message)));
  const { problems = [] } = await up.untilLine(String(pattern), isIt);
  return String(problems.find(({ message }) => pattern.test(String(message)))?.message);
}

async function untilGone({ up }: Up, name: string): Promise<void> {
  await up.untilLine(`${name} is gone`, (line) => line.type === 'removed' && line.name === name);
}

describe('of a file that says nothing any more, to remove its gates', () => {
  const gates =
    aGate('a', { upstream }) +
    aGate('b', { upstream }) +
    aGate('c', { upstream }, { namespace: 'staging' });

  test.each([
    ['emptied', async (file: string) => writeFile(file, ''), /^It is empty\./],
    ['deleted', async (file: string) => unlink(file), /^The file does not exist\./],
  ])('when it was named and is %s', async (_, change, pattern) => {
    const up = await startUp({ gates });
    await change(up.file);
    const message = await messageOf(up, pattern);
    const [, command = ''] = /To remove its gates: {2}(.*)$/.exec(message) ?? [];
    const done = await follow(command, up.home);
    expect(await done.exit()).toBe(0);
    for (const name of ['a', 'b', 'c']) await untilGone(up, name);
  });

  test('when it is of a folder', async () => {
    const home = await aFolder();
    const file = join(home, 'gates', 'a.yaml');
    await mkdir(join(home, 'gates'));
    await writeFile(file, gates);
    const up = await startUp({ home, args: ['-f', 'gates'] });
    await writeFile(file, '');
    expect(await messageOf(up, /It is empty/)).toBe(
      'It is empty. To remove its gates, delete the file',
    );
    await unlink(file);
    for (const name of ['a', 'b', 'c']) await untilGone(up, name);
    await up.up.untilLine('that the file is gone', ({ isGone }) => isGone === true);
  });

  test('and then it is not said to be in force again', async () => {
    const home = await aFolder();
    const file = join(home, 'gates', 'a.yaml');
    await mkdir(join(home, 'gates'));
    await writeFile(file, gates);
    const up = new Chaosgate(['up', '-f', 'gates'], { home });
    await up.says(/^a /m);
    await writeFile(file, '');
    await up.says(/To remove its gates, delete the file/);
    await unlink(file);
    await up.says(/gates\/a\.yaml was removed/);
    await up.says(/^a was removed$/m);
    expect(up.stderr).not.toContain('in force again');
  });
});

test('the kubeconfig is set for kubectl as the first line says', async () => {
  const home = await aFolder();
  const up = new Chaosgate(['up', '--kubeconfig', 'own'], { home });
  await up.says(/To use kubectl/);
  const [, command = ''] = /To use kubectl: {2}(.*)/.exec(up.stdout) ?? [];
  const done = await follow(`${command} && kubectl get tg -A`, home);
  expect(await done.exit()).toBe(0);
  expect(done.stderr).toBe('No resources found\n');
});

describe('of a kubeconfig that another process serves', () => {
  test('to name another file', async () => {
    const { home } = await startUp();
    const second = new Chaosgate(['up'], { home });
    expect(await second.exit()).toBe(1);
    expect(second.stderr).toMatch(/stop it, or use another file with --kubeconfig\n$/);
    await startUp({ home, args: ['--kubeconfig', 'another'] });
  });

  test('to stop that', async () => {
    const { up, home } = await startUp();
    await up.stop();
    await startUp({ home });
  });
});

test('of a state that another process has, to name another file, or to stop that', async () => {
  const home = await aFolder();
  const args = ['--state', 'state.json', '--kubeconfig', 'own'];
  const { up } = await startUp({ home, args: ['--state', 'state.json'] });
  const second = new Chaosgate(['up', ...args], { home });
  expect(await second.exit()).toBe(1);
  expect(second.stderr).toMatch(/stop it, or use another file with --state\n$/);
  const third = await startUp({ home, args: ['--state', 'other.json', '--kubeconfig', 'own'] });
  await third.up.stop();
  await up.stop();
  await startUp({ home, args });
});

test('of a kubeconfig that would be lost, to name another file', async () => {
  const home = await aFolder();
  await writeFile(join(home, 'precious'), 'of somebody else');
  const first = new Chaosgate(['up', '--kubeconfig', 'precious'], { home });
  expect(await first.exit()).toBe(1);
  expect(first.stderr).toMatch(/would be lost: use another file with --kubeconfig\n$/);
  await startUp({ home, args: ['--kubeconfig', 'another'] });
});

describe('of a home in which nothing can be written, to name another file', () => {
  test.each(['/proc/nope', '/proc', '/dev/null', 'a file', 'a folder of the name'])(
    '%s',
    async (what) => {
      const cwd = await aFolder();
      const file = join(cwd, 'file');
      await writeFile(file, '');
      await mkdir(join(cwd, '.chaosgate', 'kubeconfig'), { recursive: true });
      const home = { 'a file': file, 'a folder of the name': cwd }[what] ?? what;
      const first = new Chaosgate(['up'], { home, cwd });
      expect(await first.exit()).toBe(1);
      expect(first.stderr).toMatch(/^error: .*: .*: use another file with --kubeconfig\n$/);
      const kubeconfig = join(cwd, 'another');
      const second = new Chaosgate(['up', '--kubeconfig', kubeconfig], { home, cwd });
      await second.says(/To use kubectl/);
    },
  );
});

test('of a gate that would connect to itself, to set another port', async () => {
  const port = await freePort();
  const gates = aGate('loop', { upstream: { host: '127.0.0.1', port }, listen: { port } });
  const up = await startUp({ gates });
  const { message } = await up.up.untilGate('loop', (gate) => /itself/.test(gate.message ?? ''));
  expect(message).toMatch(/Set spec\.listen\.port to another port$/);
  const patch = JSON.stringify({ spec: { listen: null } });
  await up.kubectl.run('patch', 'tg', 'loop', '--type=merge', '-p', patch);
  await up.up.untilReady('loop');
});

describe('of a server that is not there', () => {
  test('to start one', async () => {
    const home = await aFolder();
    const asked = await follow('chaosgate get', home);
    expect(await asked.exit()).toBe(1);
    expect(asked.stderr).toMatch(/start "chaosgate up", or set KUBECONFIG\n$/);
    const up = await startUp({ home });
    expect(await (await follow('chaosgate get', home)).exit()).toBe(0);
    const other = await aFolder();
    const set = await follow(`KUBECONFIG=${up.home}/.chaosgate/kubeconfig chaosgate get`, other);
    expect(await set.exit()).toBe(0);
  });

  test('any more, to see whether it runs', async () => {
    const up = await startUp();
    await up.up.stop('SIGKILL');
    const asked = await follow('chaosgate get', up.home);
    expect(await asked.exit()).toBe(1);
    expect(asked.stderr).toMatch(/Does "chaosgate up" run, or your cluster\?\n$/);
    await startUp({ home: up.home });
    expect(await (await follow('chaosgate get', up.home)).exit()).toBe(0);
  });
});

test('of a URL, to pipe it in', async () => {
  const up = await startUp();
  await writeFile(join(up.home, 'gate.yaml'), aGate('a', { upstream }));
  const url = 'https://192.0.2.1/gate.yaml';
  const asked = await follow(`chaosgate apply -f ${url}`, up.home);
  expect(await asked.exit()).toBe(1);
  const [, pipe = ''] = /Pipe it in: {2}(.*)/.exec(asked.stderr) ?? [];
  // Nothing leaves the machine: a file in the place of what is fetched.
  const command = pipe
    .replace(`curl -fsSL ${url}`, 'cat gate.yaml')
    .replace('...', 'chaosgate apply');
  expect(await (await follow(command, up.home)).exit()).toBe(0);
  await up.up.untilReady('a');
});
