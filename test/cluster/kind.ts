/**
 * Kubernetes in Docker, for machines with a Docker engine (https://kind.sigs.k8s.io). Where none runs, a node of our own
 * stands in; engine/ starts an engine to exercise this.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { kindPrograms } from './binaries.ts';
import { cacheFolder, ensureEntry, entryFolder, withCacheLock } from './cache.ts';
import { type ClusterHandle, clusterEnvironment } from './handle.ts';
import { until } from './poll.ts';
import { run, succeeds } from './process.ts';
import { say } from './say.ts';
import { POSTGRES_VERSION, REDIS_VERSION } from './versions.ts';

const NAME = 'chaosgate';

/** kube-proxy as on a node of our own: it refuses ports that a Service has not got, and drops what is for no Service. */
const CONFIG = JSON.stringify({
  kind: 'Cluster',
  apiVersion: 'kind.x-k8s.io/v1alpha4',
  networking: { kubeProxyMode: 'nftables' },
});

/** kind pulls images; a node of our own has one in the place of each. */
const PULLED = {
  CHAOSGATE_TEST_POSTGRES_IMAGE: `docker.io/library/postgres:${POSTGRES_VERSION}-alpine`,
  CHAOSGATE_TEST_REDIS_IMAGE: `docker.io/library/redis:${REDIS_VERSION}-alpine`,
};

/** Whether a Docker engine, and not only its client, is there. */
export function isDockerAnswering(): Promise<boolean> {
  return succeeds(['docker', 'version', '--format', '{{.Server.Version}}']);
}

/** The kind cluster of this project. */
export function kindCluster(): ClusterHandle {
  const folder = join(cacheFolder(), 'kind');
  const kubeconfig = join(folder, 'kubeconfig');
  // Where no registry can be reached, a node image of our own, with the images of the tests in it; see engine/images.ts.
  const nodeImage = process.env.CHAOSGATE_KIND_IMAGE;
  const env = {
    ...clusterEnvironment(kubeconfig, kindPrograms().map(entryFolder), join(folder, 'helm')),
    ...(nodeImage === undefined ? PULLED : {}),
  };
  const image = nodeImage === undefined ? [] : ['--image', nodeImage];
  const kind = (args: readonly string[], input = '') =>
    run(['kind', ...args, '--name', NAME], { env, input });
  const isReady = () => succeeds(['kubectl', 'get', '--raw', '/readyz'], { env });
  return {
    kind: 'kind',
    kubeconfig,
    env,
    isReady,
    isRunning: isReady,
    start: () =>
      withCacheLock(async () => {
        if (await isReady()) return;
        await ensurePrograms();
        await mkdir(folder, { recursive: true });
        say('Starting a kind cluster');
        await kind(['delete', 'cluster']);
        await kind(['create', 'cluster', '--wait', '180s', '--config', '-', ...image], CONFIG);
      }),
    wrap: (command) => [...command],
    async load(image) {
      await kind(['load', 'docker-image', image]);
    },
    down: () =>
      withCacheLock(async () => {
        await ensurePrograms();
        await kind(['delete', 'cluster']);
      }),
    async stopApiServer() {
      await inControlPlane('mv', MANIFEST, PARKED_MANIFEST);
      await until('the API server is gone', PATIENCE, async () => {
        return (await inControlPlane('crictl', 'ps', '-q', '--name', 'kube-apiserver')) === '';
      });
    },
    async startApiServer() {
      await inControlPlane('mv', PARKED_MANIFEST, MANIFEST);
      await until('the API server answers', PATIENCE, isReady);
    },
  };
}

async function ensurePrograms(): Promise<void> {
  for (const program of kindPrograms()) await ensureEntry(program);
}

/** The kubelet runs what it finds in its manifests folder, and ends what it finds there no longer. */
const MANIFEST = '/etc/kubernetes/manifests/kube-apiserver.yaml';
const PARKED_MANIFEST = '/etc/kubernetes/kube-apiserver.yaml';
const PATIENCE = { timeoutMs: 120_000, intervalMs: 500 };

function inControlPlane(...command: readonly string[]): Promise<string> {
  return run(['docker', 'exec', `${NAME}-control-plane`, ...command]);
}
