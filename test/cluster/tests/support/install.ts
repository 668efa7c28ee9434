/** Installs the chart under test, and removes it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { attempt, helm, kubectl } from './kubectl.ts';
import { IMAGE } from './manifests.ts';
import { SYSTEM } from './system.ts';

export const CHART = join(import.meta.dirname, '../../../../charts/chaosgate');

/** As the chart's README tells people to install it, and with which values they name their image. */
const [, INSTALL = '', IMAGE_VALUES = ''] =
  /\$ helm install chaosgate charts\/chaosgate (.*) \\\n +(.*image.*)\n/.exec(
    readFileSync(join(CHART, 'README.md'), 'utf8'),
  ) ?? [];

/** `helm install` of the chart under test by the line of its README, with the image under test. */
export function installChart(
  release: string,
  namespace: string,
  ...settings: readonly string[]
): Promise<void> {
  return install(
    release,
    namespace,
    settings.flatMap((setting) => ['--set', setting]),
  );
}

/** The same over what kubectl has applied: from then on it is Helm's. */
export function takeOver(release: string, namespace: string): Promise<void> {
  return install(release, namespace, ['--take-ownership', '--force-conflicts']);
}

async function install(
  release: string,
  namespace: string,
  options: readonly string[],
): Promise<void> {
  const [, registry = '', repository = '', tag = ''] = /^(.*?)\/(.*):(.*)$/.exec(IMAGE) ?? [];
  const image = IMAGE_VALUES.replace('registry.example.com', registry)
    .replace('repository=chaosgate', `repository=${repository}`)
    .replace('tag=dev', `tag=${tag}`);
  const line = `${INSTALL} ${image}`.replace(`-n ${SYSTEM}`, `-n ${namespace}`);
  await helm(['install', release, CHART, ...line.split(' '), '--timeout', '2m', ...options]);
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
  // A run that was broken off may have left it to another release.
  await attempt('kubectl', [
    ...['annotate', 'crd/tcpgates.chaosgate.dev', '--overwrite', 'chaosgate.dev/definition-hash-'],
    ...['meta.helm.sh/release-name=chaosgate', `meta.helm.sh/release-namespace=${SYSTEM}`],
  ]);
  await installChart('chaosgate', SYSTEM);
  return () => uninstallChart('chaosgate', SYSTEM);
}
