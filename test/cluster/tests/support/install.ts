/** Installs the chart under test once for all cluster tests, and takes it off again. */
import { join } from 'node:path';
import { attempt, helm, kubectl } from './kubectl.ts';
import { IMAGE } from './manifests.ts';
import { SYSTEM } from './system.ts';

export const CHART = join(import.meta.dirname, '../../../../charts/chaosgate');

/** `helm install` of the chart under test, with the image under test. */
export async function installChart(
  release: string,
  namespace: string,
  ...settings: readonly string[]
): Promise<void> {
  const separator = IMAGE.lastIndexOf(':');
  await helm([
    ...['install', release, CHART, '-n', namespace, '--wait', '--timeout', '2m'],
    ...['--set', 'image.registry='],
    ...['--set', `image.repository=${IMAGE.slice(0, separator)}`],
    ...['--set', `image.tag=${IMAGE.slice(separator + 1)}`],
    ...settings.flatMap((setting) => ['--set', setting]),
  ]);
}

export async function uninstallChart(release: string, namespace: string): Promise<void> {
  await helm(['uninstall', release, '-n', namespace, '--wait']);
}

export async function setup(): Promise<() => Promise<void>> {
  const namespace = {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: SYSTEM, labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
  };
  await kubectl(['apply', '-f', '-'], { input: JSON.stringify(namespace) });
  await attempt('helm', ['uninstall', 'chaosgate', '-n', SYSTEM, '--wait']);
  await installChart('chaosgate', SYSTEM);
  return () => uninstallChart('chaosgate', SYSTEM);
}
