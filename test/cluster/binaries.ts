import { readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type CacheEntry, fingerprint, sharedEntry } from './cache.ts';
import { runGo } from './go.ts';
import {
  COREDNS_VERSION,
  HELM_VERSION,
  HELM3_VERSION,
  KIND_VERSION,
  KUBERNETES_VERSION,
} from './versions.ts';

/** What a node's programs are built from, by Go. */
export interface NodePrograms {
  /** etcd, kube-apiserver, kube-controller-manager, kube-proxy, kube-scheduler, kubectl, kubelet. */
  readonly kubernetes: CacheEntry;
  readonly coredns: CacheEntry;
  readonly helm: CacheEntry;
  readonly helm3: CacheEntry;
}

/** The folder of the module that Kubernetes' programs are built in. */
export const KUBERNETES_MODULE = fileURLToPath(new URL('kubernetes/', import.meta.url));
export const STATIC = { CGO_ENABLED: '0' };

/** See `NodePrograms`. */
export async function nodePrograms(): Promise<NodePrograms> {
  return { kubernetes: await kubernetes(), coredns, helm, helm3 };
}

/** kind, kubectl and helm. */
export function kindPrograms(): readonly CacheEntry[] {
  return [kind, kubectl, helm];
}

const coredns = installed(
  `github.com/coredns/coredns@v${COREDNS_VERSION}`,
  `Building CoreDNS ${COREDNS_VERSION} from its Go module, about 1 minute, once`,
);

const helm = installed(
  `helm.sh/helm/v4/cmd/helm@v${HELM_VERSION}`,
  `Building Helm ${HELM_VERSION} from its Go module, about 2 minutes, once`,
);

const helm3 = installed(
  `helm.sh/helm/v3/cmd/helm@v${HELM3_VERSION}`,
  `Building Helm ${HELM3_VERSION} from its Go module, about 2 minutes, once`,
);

/** Path of helm, which is built the first time. */
export async function helmProgram(): Promise<string> {
  return join(await sharedEntry(helm), 'helm');
}

/** Path of Helm 3, which is built the first time; a node of our own has it from its start. */
export async function helm3Program(): Promise<string> {
  return join(await sharedEntry(helm3), 'helm');
}

const kind = installed(
  `sigs.k8s.io/kind@v${KIND_VERSION}`,
  `Building kind ${KIND_VERSION} from its Go module, once`,
);

const kubectl: CacheEntry = {
  name: `kubectl-v${KUBERNETES_VERSION}`,
  narration: `Building kubectl ${KUBERNETES_VERSION} from its Go module, about 1 minute, once`,
  async build(folder) {
    const command = [...kubernetesBuild(KUBERNETES_VERSION), '-o', `${folder}/`];
    await runGo([...command, 'k8s.io/kubernetes/cmd/kubectl'], {
      cwd: KUBERNETES_MODULE,
      env: STATIC,
    });
  },
};

async function kubernetes(): Promise<CacheEntry> {
  const modules = ['go.mod', 'go.sum'].map((name) =>
    readFile(join(KUBERNETES_MODULE, name), 'utf8'),
  );
  const command = kubernetesBuild(KUBERNETES_VERSION);
  const key = fingerprint(...(await Promise.all(modules)), ...command);
  return {
    name: `kubernetes-${KUBERNETES_VERSION}-${key}`,
    narration: `Building Kubernetes ${KUBERNETES_VERSION} from its Go modules, about 5 minutes, once`,
    async build(folder) {
      await runGo([...command, '-o', `${folder}/`, 'tool'], {
        cwd: KUBERNETES_MODULE,
        env: STATIC,
      });
      // The etcd module's main package is called `server`.
      await rename(join(folder, 'server'), join(folder, 'etcd'));
    },
  };
}

/** Without the version flags the API server says v0.0.0, and clients and charts misjudge what it can do. */
export function kubernetesBuild(version: string): readonly string[] {
  const [major, minor] = version.split('.');
  const stamp = 'k8s.io/component-base/version';
  const flags = [
    `-X ${stamp}.gitVersion=v${version}`,
    `-X ${stamp}.gitMajor=${major}`,
    `-X ${stamp}.gitMinor=${minor}`,
  ];
  return ['build', '-trimpath', '-buildvcs=false', '-ldflags', `-s -w ${flags.join(' ')}`];
}

/** What `go install` makes of a module's version. */
export function installed(module: string, narration: string): CacheEntry {
  return {
    name: module.replace(/^.*\//, '').replace('@', '-'),
    narration,
    async build(folder) {
      const env = { ...STATIC, GOBIN: folder };
      await runGo(['install', '-trimpath', '-ldflags', '-s -w', module], { env });
    },
  };
}
