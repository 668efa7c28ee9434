import { join, resolve } from 'node:path';
import { cacheFolder } from './cache.ts';
import { type ClusterHandle, clusterEnvironment } from './handle.ts';
import { run, succeeds } from './process.ts';
import { say } from './say.ts';

/** Somebody else's cluster: its kubectl and helm are those on PATH, and it has to have, or pull, the images itself. */
export function givenCluster(path: string): ClusterHandle {
  const kubeconfig = resolve(path);
  const env = clusterEnvironment(kubeconfig, [], join(cacheFolder(), 'helm'));
  const ready = ['kubectl', 'get', '--raw', '/readyz'];
  const isReady = () => succeeds(ready, { env });
  return {
    kind: 'given',
    kubeconfig,
    env,
    isRunning: async () => true,
    isReady,
    async start() {
      // Fails with what kubectl says of the cluster.
      await run(ready, { env });
    },
    wrap: (command) => [...command],
    async load(image) {
      say(`The cluster of ${kubeconfig} must have ${image}, or pull it`);
    },
    async down() {},
    stopApiServer: () => Promise.reject(cannot()),
    startApiServer: () => Promise.reject(cannot()),
  };
}

function cannot(): Error {
  return new Error('The API server of a given cluster is not ours to stop');
}
