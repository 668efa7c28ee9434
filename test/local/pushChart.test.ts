/** `.ci/push-chart`, with which a release publishes the chart, against a registry on loopback. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { helmProgram } from '../cluster/binaries.ts';
import { type Registry, startRegistry } from './support/registry.ts';

const root = join(import.meta.dirname, '../..');

let folder: string;
let registry: Registry;
let env: NodeJS.ProcessEnv;
let chart: string;

async function run(file: string, ...args: readonly string[]): Promise<string> {
  return (await promisify(execFile)(file, args, { cwd: folder, env })).stdout;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chaosgate-push-'));
  const helm = await helmProgram();
  env = { PATH: [dirname(helm), process.env.PATH].join(delimiter), HOME: folder };
  registry = await startRegistry();
  const packed = await run('helm', 'package', join(root, 'charts/chaosgate'));
  chart = /: (\/.*\.tgz)\n$/.exec(packed)?.[1] ?? '';
});

afterAll(async () => {
  await registry.stop();
  await rm(folder, { recursive: true });
});

const push = (...args: readonly string[]) => run(join(root, '.ci/push-chart'), ...args);

test('it prints the digest by which the pushed chart is found', async () => {
  const target = `${registry.address}/chaosgate/charts`;
  const [, digest] =
    /^digest=(sha256:[0-9a-f]{64})\n$/.exec(await push(chart, target, '--plain-http')) ?? [];
  const pulled = join(folder, 'pulled');
  await mkdir(pulled);
  await run('helm', 'pull', `oci://${target}/chaosgate@${digest}`, '--plain-http', '-d', pulled);
  const [name = ''] = await readdir(pulled);
  expect(await readFile(join(pulled, name))).toEqual(await readFile(chart));
});

test('it fails, and says why, where the registry does not take it', async () => {
  await expect(push(chart, '127.0.0.1:1/charts', '--plain-http')).rejects.toThrow(
    /connection refused/,
  );
});
