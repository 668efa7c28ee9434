import { join } from 'node:path';
import {
  API_PORT,
  CLUSTER_DOMAIN,
  NODE_ADDRESS,
  NODE_NAME,
  POD_RANGE,
  SERVICE_RANGE,
} from './addresses.ts';
import type { Layout } from './layout.ts';

/** What starts together, in this order; the second group needs an API server and containerd that answer. */
export const FIRST_DAEMONS = ['etcd', 'containerd', 'kube-apiserver'] as const;
export const SECOND_DAEMONS = [
  'kube-controller-manager',
  'kube-scheduler',
  'kubelet',
  'kube-proxy',
  'coredns',
] as const;

export type Daemon = (typeof FIRST_DAEMONS)[number] | (typeof SECOND_DAEMONS)[number];

const ETCD = 'http://127.0.0.1:2379';
/** With the default of 20 the controller manager throttles itself for the first seconds of a cluster. */
const FAST_CLIENT = ['--kube-api-qps=500', '--kube-api-burst=1000', '--leader-elect=false'];

/** The folders of a node's programs. */
export interface ProgramFolders {
  readonly kubernetes: string;
  readonly coredns: string;
}

/** The command line of every daemon. */
export function commandLines(
  { state, pki, kubeconfigs }: Layout,
  folders: ProgramFolders,
): Readonly<Record<Daemon, readonly string[]>> {
  const kubernetes = (program: string) => join(folders.kubernetes, program);
  const key = (name: string) => join(pki, name);
  const kubeconfig = (name: string) => `--kubeconfig=${join(kubeconfigs, name)}`;
  return {
    etcd: [
      kubernetes('etcd'),
      `--data-dir=${join(state, 'etcd')}`,
      '--unsafe-no-fsync',
      '--logger=zap',
      '--log-level=warn',
      `--listen-client-urls=${ETCD}`,
      `--advertise-client-urls=${ETCD}`,
      '--listen-peer-urls=http://127.0.0.1:2380',
    ],
    containerd: ['containerd', '-c', join(state, 'containerd.toml')],
    'kube-apiserver': [
      kubernetes('kube-apiserver'),
      `--etcd-servers=${ETCD}`,
      '--bind-address=0.0.0.0',
      `--secure-port=${API_PORT}`,
      `--advertise-address=${NODE_ADDRESS}`,
      `--tls-cert-file=${key('apiserver.crt')}`,
      `--tls-private-key-file=${key('apiserver.key')}`,
      `--client-ca-file=${key('ca.crt')}`,
      `--token-auth-file=${key('tokens.csv')}`,
      `--service-account-key-file=${key('sa.pub')}`,
      `--service-account-signing-key-file=${key('sa.key')}`,
      `--service-account-issuer=https://kubernetes.default.svc.${CLUSTER_DOMAIN}`,
      `--kubelet-client-certificate=${key('apiserver-kubelet-client.crt')}`,
      `--kubelet-client-key=${key('apiserver-kubelet-client.key')}`,
      `--kubelet-certificate-authority=${key('ca.crt')}`,
      '--kubelet-preferred-address-types=InternalIP',
      '--authorization-mode=Node,RBAC',
      '--enable-admission-plugins=NodeRestriction',
      `--service-cluster-ip-range=${SERVICE_RANGE}`,
      '--allow-privileged',
    ],
    'kube-controller-manager': [
      kubernetes('kube-controller-manager'),
      kubeconfig('controller-manager'),
      ...FAST_CLIENT,
      `--service-account-private-key-file=${key('sa.key')}`,
      `--root-ca-file=${key('ca.crt')}`,
      '--use-service-account-credentials',
      '--node-monitor-period=500ms',
      `--cluster-cidr=${POD_RANGE}`,
      '--allocate-node-cidrs=false',
    ],
    'kube-scheduler': [kubernetes('kube-scheduler'), kubeconfig('scheduler'), ...FAST_CLIENT],
    kubelet: [
      kubernetes('kubelet'),
      kubeconfig('kubelet'),
      `--config=${join(state, 'kubelet.yaml')}`,
      `--hostname-override=${NODE_NAME}`,
      `--node-ip=${NODE_ADDRESS}`,
      `--cert-dir=${join(state, 'kubelet/pki')}`,
    ],
    'kube-proxy': [
      kubernetes('kube-proxy'),
      // With a configuration file kube-proxy ignores the flags that the file could hold.
      `--config=${join(state, 'kube-proxy.yaml')}`,
    ],
    coredns: [join(folders.coredns, 'coredns'), '-conf', join(state, 'Corefile')],
  };
}
