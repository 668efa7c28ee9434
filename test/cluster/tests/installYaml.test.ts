/** The manifest of a release, for those who have no Helm: `kubectl apply -f install.yaml`. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { installYaml } from '../../../scripts/release/installYaml.ts';
import { installChart, uninstallChart } from './support/install.ts';
import { kubectl } from './support/kubectl.ts';
import { gate, IMAGE } from './support/manifests.ts';
import { Namespace } from './support/namespace.ts';
import { SYSTEM } from './support/system.ts';

let namespace: Namespace;
/** What is applied besides the namespace and the CustomResourceDefinition, which stay. */
let objects: string;

beforeAll(async () => {
  namespace = await Namespace.create('install-yaml');
  await uninstallChart('chaosgate', SYSTEM);
});

afterAll(async () => {
  await namespace.delete();
  await kubectl(['delete', '--ignore-not-found', '-f', '-'], { input: objects });
  await installChart('chaosgate', SYSTEM);
});

test('`kubectl apply` of it brings an operator that serves gates', async () => {
  const manifest = await installYaml('helm');
  const documents = manifest.split(/^---\n/m);
  objects = documents
    .filter((document) => !/^kind: (Namespace|CustomResourceDefinition)$/m.test(document))
    .join('---\n');
  const local = manifest.replaceAll(/ghcr\.io\/chaosgate\/chaosgate:[\w.-]+/g, IMAGE);
  expect(local).not.toBe(manifest);
  await kubectl(['apply', '--validate=strict', '-f', '-'], { input: local });
  await kubectl(['-n', SYSTEM, 'rollout', 'status', 'deployment/chaosgate', '--timeout=90s']);
  await namespace.apply(gate('here', { upstream: { host: '127.0.0.1', port: 9 } }));
  await namespace.wait('here', 'Ready', 60);
});
