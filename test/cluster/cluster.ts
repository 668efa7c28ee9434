import { givenCluster } from './given.ts';
import type { ClusterHandle } from './handle.ts';
import { isDockerAnswering, kindCluster } from './kind.ts';
import { nodeCluster } from './node/node.ts';

export { NoClusterError } from './errors.ts';

/** A cluster that is ready. */
export interface Cluster extends ClusterHandle {
  /** Whether it was ready before: who started it takes it down. */
  readonly wasRunning: boolean;
}

/**
 * The cluster for this machine, started when it is not ready. Takes minutes the first time, seconds later on.
 *
 * @throws {NoClusterError} where none is available.
 */
export async function ensureCluster(): Promise<Cluster> {
  const handle = await chooseCluster();
  const wasRunning = await handle.isReady();
  if (!wasRunning) await handle.start();
  return { ...handle, wasRunning };
}

/**
 * The cluster for this machine, running or not: the one that CHAOSGATE_TEST_KUBECONFIG names, else kind where a Docker
 * engine answers, else a node of our own (Linux, root).
 *
 * @throws {NoClusterError} where none of them is available.
 */
export async function chooseCluster(): Promise<ClusterHandle> {
  const kubeconfig = process.env.CHAOSGATE_TEST_KUBECONFIG;
  if (kubeconfig) return givenCluster(kubeconfig);
  if (await isDockerAnswering()) return kindCluster();
  return nodeCluster([
    'CHAOSGATE_TEST_KUBECONFIG names no cluster.',
    'No Docker engine answers, so kind cannot run.',
  ]);
}
