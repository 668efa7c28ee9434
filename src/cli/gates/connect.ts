import { findServer } from '../../client/server.ts';
import { Kube } from '../../kube/client.ts';
import { NoKubeConfigError } from '../../kube/config.ts';
import { version } from '../../observe/version.ts';
import { UsageError } from './usageError.ts';

/** A cluster or `chaosgate up`, to ask. */
export interface Connection {
  readonly kube: Kube;
  /** The one that is meant when none is named. */
  readonly namespace: string;
}

export async function connect(): Promise<Connection> {
  const { config, namespace } = await findServer().catch((error: unknown) => {
    if (!(error instanceof NoKubeConfigError)) throw error;
    throw new UsageError('there is nobody to ask: start "chaosgate up", or set KUBECONFIG');
  });
  return { kube: new Kube(config, { userAgent: `chaosgate/${version}` }), namespace };
}
