/** The manifest of a release, for those who have no Helm: `kubectl apply -f install.yaml`. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { installYaml } from '../../../scripts/release/installYaml.ts';
import { installChart, takeOver, uninstallChart } from './support/install.ts';
import { attempt, helm, kubectl } from './support/kubectl.ts';
import { gate, IMAGE } from './support/manifests.ts';
import { Namespace } from './support/namespace.ts';
import { SYSTEM } from './support/system.ts';

const upstream = { host: '127.0.0.1', port: 9 };

let namespace: Namespace;

beforeAll(async () => {
  namespace = await Namespace.create('install-yaml');
  await uninstallChart('chaosgate', SYSTEM);
});

afterAll(async () => {
  const { code } = await attempt('helm', ['status', 'chaosgate', '-n', SYSTEM]);
  if (code !== 0) await installChart('chaosgate', SYSTEM);
  await namespace.delete();
});

test('`kubectl apply` of it brings an operator that serves gates', async () => {
  const manifest = await installYaml('helm');
  const local = manifest.replaceAll(/ghcr\.io\/chaosgate\/chaosgate:[\w.-]+/g, IMAGE);
  expect(local).not.toBe(manifest);
  await kubectl(['apply', '--validate=strict', '-f', '-'], { input: local });
  await kubectl(['-n', SYSTEM, 'rollout', 'status', 'deployment/chaosgate', '--timeout=90s']);
  await namespace.apply(gate('applied', { upstream }));
  await namespace.wait('applied', 'Ready', 60);
});

test('Helm takes it over, with its gates', async () => {
  await takeOver('chaosgate', SYSTEM);
  expect(await helm(['list', '-n', SYSTEM, '--short'])).toContain('chaosgate');
  await namespace.wait('applied', 'Ready', 60);
  await namespace.apply(gate('taken-over', { upstream }));
  await namespace.wait('taken-over', 'Ready', 60);
});
