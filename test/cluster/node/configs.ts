import { join } from 'node:path';
import {
  CLUSTER_DOMAIN,
  DNS_SERVICE_ADDRESS,
  NODE_ADDRESS,
  NODE_NAME,
  POD_RANGE,
} from './addresses.ts';
import { CONTEXT } from './identities.ts';
import type { Layout } from './layout.ts';

/** The image of every pod's first, empty container. */
export const PAUSE_IMAGE = 'localhost/chaosgate-test/pause:1';

/** The configuration files of the daemons: path below the node's folder, and content. */
export function configFiles(layout: Layout): ReadonlyMap<string, string> {
  return new Map([
    ['containerd.toml', containerdConfig(layout.state, layout.containerdSocket)],
    ['cni/10-pods.conflist', json(POD_NETWORK)],
    ['kubelet.yaml', json(kubeletConfig(layout))],
    ['kube-proxy.yaml', json(kubeProxyConfig(layout))],
    ['Corefile', corefile(layout.adminKubeconfig)],
  ]);
}

/** @param socket where containerd listens; @see https://github.com/containerd/containerd/blob/v1.6.20/docs/cri/config.md */
function containerdConfig(folder: string, socket: string): string {
  return `version = 2
root = "${folder}/containerd"
# A tmpfs of the node's own: see init.sh.
state = "/run/containerd"
oom_score = 0
disabled_plugins = [
  "io.containerd.internal.v1.opt",
  "io.containerd.snapshotter.v1.aufs",
  "io.containerd.snapshotter.v1.btrfs",
  "io.containerd.snapshotter.v1.devmapper",
  "io.containerd.snapshotter.v1.zfs",
  "io.containerd.tracing.processor.v1.otlp",
]

[grpc]
  address = "${socket}"

[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${PAUSE_IMAGE}"
  # Lowering a process's OOM score takes CAP_SYS_RESOURCE, which a container or a small VM may not have.
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "${folder}/cni"
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
    default_runtime_name = "runc"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
`;
}

/** `ptp`, not `bridge`: a pod reaches a Service that leads back to this node without bridge netfilter. */
const POD_NETWORK = {
  cniVersion: '0.4.0',
  name: 'pods',
  plugins: [
    {
      type: 'ptp',
      ipMasq: false,
      ipam: {
        type: 'host-local',
        ranges: [[{ subnet: POD_RANGE }]],
        routes: [{ dst: '0.0.0.0/0' }],
      },
    },
  ],
};

function kubeletConfig({ name, state, pki, containerdSocket }: Layout): object {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    containerRuntimeEndpoint: `unix://${containerdSocket}`,
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: join(pki, 'ca.crt') },
    },
    authorization: { mode: 'Webhook' },
    tlsCertFile: join(pki, 'kubelet-server.crt'),
    tlsPrivateKeyFile: join(pki, 'kubelet-server.key'),
    cgroupDriver: 'cgroupfs',
    cgroupRoot: `/${name}`,
    failCgroupV1: false,
    failSwapOn: false,
    // A negative score takes CAP_SYS_RESOURCE.
    oomScoreAdj: 0,
    clusterDNS: [DNS_SERVICE_ADDRESS],
    clusterDomain: CLUSTER_DOMAIN,
    resolvConf: '',
    podLogsDir: join(state, 'podlogs'),
    volumePluginDir: join(state, 'kubelet/volume-plugins'),
    makeIPTablesUtilChains: false,
    maxPods: 200,
    serializeImagePulls: false,
    imageGCHighThresholdPercent: 100,
    evictionHard: {
      'memory.available': '100Mi',
      'nodefs.available': '1%',
      'imagefs.available': '1%',
      'nodefs.inodesFree': '1%',
    },
    nodeStatusUpdateFrequency: '5s',
    syncFrequency: '10s',
    kubeAPIQPS: 500,
    kubeAPIBurst: 1000,
    shutdownGracePeriod: '0s',
  };
}

function kubeProxyConfig({ kubeconfigs }: Layout): object {
  return {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    clientConnection: { kubeconfig: join(kubeconfigs, 'proxy') },
    mode: 'nftables',
    clusterCIDR: POD_RANGE,
    hostnameOverride: NODE_NAME,
    oomScoreAdj: 0,
    // With the default of 1 s a Service refuses connections for that long after its Deployment is Ready.
    nftables: { minSyncPeriod: '100ms' },
    conntrack: {
      maxPerCore: 0,
      min: 0,
      tcpEstablishedTimeout: '0s',
      tcpCloseWaitTimeout: '0s',
    },
  };
}

/** Two blocks: in one, `template` would answer before `kubernetes`, whatever their order. */
function corefile(adminKubeconfig: string): string {
  return `${CLUSTER_DOMAIN}:53 in-addr.arpa:53 {
    bind ${NODE_ADDRESS}
    errors
    ready ${NODE_ADDRESS}:8181
    kubernetes ${CLUSTER_DOMAIN} in-addr.arpa {
        kubeconfig ${adminKubeconfig} ${CONTEXT}
        pods insecure
        ttl 1
    }
}
.:53 {
    bind ${NODE_ADDRESS}
    errors
    template ANY ANY . {
        rcode NXDOMAIN
    }
}
`;
}

function json(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
