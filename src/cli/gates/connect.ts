import { findServer } from '../../client/server.ts';
import { Kube } from '../../kube/client.ts';
import { loadKubeConfig, NoKubeConfigError } from '../../kube/config.ts';
import { version } from '../../observe/version.ts';
import { isKubectlPlugin } from '../kubectlPlugin.ts';
import { UsageError } from './usageError.ts';

/** A cluster or `chaosgate up`, to ask. */
export interface Connection {
  readonly kube: Kube;
  /** The one that is meant when none is named. */
  readonly namespace: string;
}

/** `kubectl chaosgate get` asks the server that `kubectl get` asks, also while `chaosgate up` runs. */
export async function connect(): Promise<Connection> {
  const server = isKubectlPlugin ? loadKubeConfig() : findServer();
  const { config, namespace } = await server.catch((error: unknown) => {
    if (!(error instanceof NoKubeConfigError)) throw error;
    const start = isKubectlPlugin ? '' : 'start "chaosgate up", or ';
    throw new UsageError(`no server to connect to: ${start}set KUBECONFIG`);
  });
  return { kube: new Kube(config, { userAgent: `chaosgate/${version}` }), namespace };
}
