import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { Kube } from '../../kube/client.ts';
import { loadKubeConfig } from '../../kube/config.ts';
import { version } from '../../observe/version.ts';
import { LOCAL_KUBECONFIG } from '../localKubeconfig.ts';
import { UsageError } from './usageError.ts';

/** A cluster or `chaosgate up`, to ask. */
export interface Connection {
  readonly kube: Kube;
  /** The one that is meant when none is named. */
  readonly namespace: string;
}

/** To what KUBECONFIG names; else to `chaosgate up`, if it runs; else to what kubectl would take. */
export async function connect(): Promise<Connection> {
  if (!process.env.KUBECONFIG) {
    if (existsSync(LOCAL_KUBECONFIG)) process.env.KUBECONFIG = LOCAL_KUBECONFIG;
    else if (!existsSync(join(homedir(), '.kube', 'config'))) {
      throw new UsageError('there is nobody to ask: start "chaosgate up", or set KUBECONFIG');
    }
  }
  const { config, namespace } = await loadKubeConfig();
  return { kube: new Kube(config, { userAgent: `chaosgate/${version}` }), namespace };
}
