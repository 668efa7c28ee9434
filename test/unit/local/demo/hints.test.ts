import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { gateConfig } from '../../../../src/gate/config.ts';
import { hints, isInstalled } from '../../../../src/local/demo/hints.ts';

test('a program is installed when a folder of PATH has it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'chaosgate-hints-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  expect(isInstalled('kubectl', `${folder}::/nowhere`)).toBe(false);
  await writeFile(join(folder, 'kubectl'), '');
  await chmod(join(folder, 'kubectl'), 0o755);
  expect(isInstalled('kubectl', `/nowhere:${folder}`)).toBe(true);
});

test('every patch is one that a gate takes', () => {
  const patches = hints('demo', true).flatMap((line) => /-p '(.*)'/.exec(line)?.[1] ?? []);
  expect(patches).toHaveLength(4);
  for (const patch of patches) {
    const spec = Object.entries(JSON.parse(patch).spec).filter(([, value]) => value !== null);
    const upstream = { host: 'localhost', port: 1 };
    gateConfig.parse({ upstream, ...Object.fromEntries(spec) });
  }
});
