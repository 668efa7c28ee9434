import { API_PORT, NODE_NAME } from './addresses.ts';

/** Who talks to the API server, and as whom. */
export interface Identity {
  readonly name: string;
  readonly user: string;
  readonly groups: readonly string[];
}

export const IDENTITIES: readonly Identity[] = [
  { name: 'admin', user: 'admin', groups: ['system:masters'] },
  { name: 'controller-manager', user: 'system:kube-controller-manager', groups: [] },
  { name: 'scheduler', user: 'system:kube-scheduler', groups: [] },
  { name: 'proxy', user: 'system:kube-proxy', groups: [] },
  { name: 'kubelet', user: `system:node:${NODE_NAME}`, groups: ['system:nodes'] },
];

/** The API server's `--token-auth-file`: token, user, uid, groups. */
export function tokenFile(tokens: ReadonlyMap<Identity, string>): string {
  return [...tokens]
    .map(([identity, token]) => {
      const groups = identity.groups.length === 0 ? '' : `,"${identity.groups.join(',')}"`;
      return `${token},${identity.user},${identity.name}${groups}\n`;
    })
    .join('');
}

/** The name of the one context in every kubeconfig. */
export const CONTEXT = 'chaosgate-test';

/** A kubeconfig; JSON is YAML. */
export function kubeconfig(token: string, caPem: string): string {
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: CONTEXT,
        cluster: {
          server: `https://127.0.0.1:${API_PORT}`,
          'certificate-authority-data': Buffer.from(caPem).toString('base64'),
        },
      },
    ],
    users: [{ name: CONTEXT, user: { token } }],
    contexts: [{ name: CONTEXT, context: { cluster: CONTEXT, user: CONTEXT } }],
    'current-context': CONTEXT,
  };
  return `${JSON.stringify(config, null, 2)}\n`;
}
