/** README's first command, to its end. */
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { transform } from 'esbuild';
import { expect, test } from 'vitest';
import { aFolder, Chaosgate } from './support/up.ts';

/** A PATH with node alone, and maybe with a program that is called kubectl. */
async function aPath(home: string, hasKubectl: boolean): Promise<string> {
  const folder = join(home, 'bin');
  await mkdir(folder);
  await symlink(process.execPath, join(folder, 'node'));
  if (hasKubectl) await writeFile(join(folder, 'kubectl'), '#!/bin/sh\n', { mode: 0o755 });
  return folder;
}

test('a client talks through a gate, and what is patched shows in its times', async () => {
  const home = await aFolder();
  const PATH = await aPath(home, false);
  const demo = new Chaosgate(['demo', '--seconds', '9'], { home, env: { PATH } });
  await demo.says(/client: \d+\.\d ms\n/);
  expect(demo.stdout).toContain('kubectl is not installed. You can use');
  const hint = /npx chaosgate (patch tg demo --type merge -p) '(.*delay.*)'/.exec(demo.stdout);
  const [, command = '', patch = ''] = hint ?? [];
  const patching = new Chaosgate([...command.split(' '), patch], { home });
  expect(await patching.exit()).toBe(0);
  await demo.says(/toClient delay 300ms/);
  await demo.says(/client: 30\d\.\d ms\n/);
  expect(await demo.exit()).toBe(0);
});

test('where kubectl is installed its commands are shown', async () => {
  const home = await aFolder();
  const PATH = await aPath(home, true);
  const demo = new Chaosgate(['demo', '--seconds', '1'], { home, env: { PATH } });
  expect(await demo.exit()).toBe(0);
  expect(demo.stdout).toMatch(/ {2}kubectl patch tg demo --type merge -p/);
  expect(demo.stdout).not.toContain('npx');
});

test('what every hint does shows at the client', async () => {
  const home = await aFolder();
  const demo = new Chaosgate(['demo'], { home, env: { PATH: await aPath(home, false) } });
  await demo.says(/client: \d+\.\d ms\n/);
  const patches = [...demo.stdout.matchAll(/-p '(.*)'/g)].map(([, patch = '']) => patch);
  const outcomes = [
    /client: 3\d\d\.\d ms/,
    /client: no answer/,
    /client: connection refused/,
    /ms\n$/,
  ];
  expect(patches).toHaveLength(outcomes.length);
  for (const [index, patch] of patches.entries()) {
    demo.stdout = '';
    const patching = new Chaosgate(['patch', 'tg', 'demo', '-p', patch], { home });
    expect(await patching.exit()).toBe(0);
    await demo.says(outcomes[index] ?? /never/);
  }
  expect(await demo.stop('SIGINT')).toBe(0);
});

test('a Node.js that is too old is told which one is needed', async () => {
  const home = await aFolder();
  const old = join(home, 'old.cjs');
  await writeFile(
    old,
    "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.1.0' } });",
  );
  const demo = new Chaosgate(['demo'], { home, env: { NODE_OPTIONS: `--require ${old}` } });
  expect(await demo.exit()).toBe(1);
  expect(demo.stderr).toMatch(/^chaosgate needs Node\.js 24 or later; this is v/);
  expect(demo.stderr).not.toContain('    at ');
});

test.each([
  'bin/chaosgate.cjs',
  'bin/kubectl-chaosgate.cjs',
  'bin/nodeVersion.cjs',
  'lib/checkNode.cjs',
  'lib/client.cjs',
])('%s is understood by any Node.js', async (file) => {
  const text = await readFile(join(import.meta.dirname, '../../..', file), 'utf8');
  // Refuses what it cannot turn into ES5, and leaves ES5 as it is.
  const { code } = await transform(text, { target: 'es5', minifyWhitespace: true });
  const { code: asIs } = await transform(text, { target: 'esnext', minifyWhitespace: true });
  expect(code).toBe(asIs);
  // Minifying has taken this away from both.
  expect(text).not.toMatch(/,\s*\)/);
  expect(text).not.toMatch(/\bimport\b\s*\(/);
});
