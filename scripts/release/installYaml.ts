import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Document, parseAllDocuments } from 'yaml';
import { ROOT } from './files.ts';

const NAMESPACE = 'chaosgate-system';

/** The oldest Kubernetes that the chart takes, so that the manifest fits all of them. */
const KUBERNETES = '1.29.0';

const NAMESPACE_OBJECT = {
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: NAMESPACE, labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
};

/** The kinds of the chart that belong to the whole cluster. */
const IN_NO_NAMESPACE = ['ClusterRole', 'ClusterRoleBinding', 'CustomResourceDefinition'];

/**
 * The chart with its defaults as one file for `kubectl apply`, with its namespace.
 *
 * @param helm path of the program
 */
export async function installYaml(helm: string): Promise<string> {
  const chart = join(ROOT, 'charts/chaosgate');
  const args = ['-n', NAMESPACE, '--no-hooks', '--kube-version', KUBERNETES];
  const { stdout } = await promisify(execFile)(helm, ['template', 'chaosgate', chart, ...args], {
    maxBuffer: 2 ** 26,
  });
  // Nothing that kubectl applies is Helm's to manage.
  const text = stdout.replaceAll(/^ +app\.kubernetes\.io\/managed-by: Helm\n/gm, '');
  const documents = parseAllDocuments(text, { version: '1.1' });
  for (const document of documents) {
    // Helm creates objects without a namespace in that of the release; kubectl, in that of the current context.
    if (!IN_NO_NAMESPACE.includes(String(document.get('kind')))) {
      document.setIn(['metadata', 'namespace'], NAMESPACE);
    }
  }
  return [new Document(NAMESPACE_OBJECT), ...documents]
    .map((document) => `---\n${document.toString({ lineWidth: 0, directives: false })}`)
    .join('');
}
