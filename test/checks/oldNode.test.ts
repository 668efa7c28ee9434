/** A checkout on the oldest Node.js that starts it: npm has nothing to say, as everything runs on the one that it brings. */
import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
const exec = promisify(execFile);

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chaosgate-old-node-'));
});

afterAll(() => rm(folder, { recursive: true }));

/** Runs a program of npm as on Node.js 20, without the npm settings of the user who runs the tests. */
async function onOldNode(cwd: string, program: string, ...args: string[]) {
  const claim = join(folder, 'claim.cjs');
  await writeFile(claim, "Object.defineProperty(process, 'version', { value: 'v20.20.2' });");
  const env = { PATH: process.env.PATH, HOME: folder, NODE_OPTIONS: `--require ${claim}` };
  // A newer npm that the machine's cache knows of is no warning about this checkout.
  const settings = { npm_config_offline: 'true', npm_config_update_notifier: 'false' };
  return exec(program, args, { cwd, env: { ...env, ...settings } });
}

async function aCheckout(...files: readonly string[]): Promise<string> {
  const checkout = await mkdtemp(join(folder, 'checkout-'));
  for (const file of files) await copyFile(join(root, file), join(checkout, file));
  return checkout;
}

const MANIFESTS = ['package.json', 'package-lock.json'];

test('`npm ci` warns of nothing', async () => {
  const checkout = await aCheckout(...MANIFESTS, '.npmrc');
  const { stderr } = await onOldNode(checkout, 'npm', 'ci', '--dry-run');
  expect(stderr).toBe('');
});

test('and it needs .npmrc for that', async () => {
  const checkout = await aCheckout(...MANIFESTS);
  const { stderr } = await onOldNode(checkout, 'npm', 'ci', '--dry-run');
  expect(stderr).toContain('EBADENGINE');
});

test('`npx chaosgate` prints what chaosgate does, and nothing else', async () => {
  const { stdout, stderr } = await onOldNode(root, 'npx', 'chaosgate', 'crd');
  const crd = await readFile(join(root, 'crds/chaosgate.dev_tcpgates.yaml'), 'utf8');
  expect(stdout).toBe(crd.replace(/^#.*\n/, ''));
  expect(stderr).toBe('');
});
