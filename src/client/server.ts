import { homedir } from 'node:os';
import { join } from 'node:path';
import { type LoadedConfig, loadKubeConfig } from '../kube/config.ts';

/** Where `chaosgate up` writes its kubeconfig. */
export function localKubeconfig(): string {
  return join(home(), '.chaosgate', 'kubeconfig');
}

/**
 * The server of who names none, for the library and the command line alike: that of KUBECONFIG; else of `chaosgate up`,
 * whose file is there while it runs; else of ~/.kube/config; else the cluster that this pod is in. Each hides those behind
 * it also when it does not answer: gates in another cluster than somebody thinks break what is not theirs. Rejects with a
 * text for people.
 */
export function findServer(): Promise<LoadedConfig> {
  return loadKubeConfig({ before: localKubeconfig() });
}

/** One server, for people. */
export function serverText({ config, source }: LoadedConfig): string {
  const context = config.currentContext;
  return `${config.getCurrentCluster()?.server}, context "${context}" of ${source}`;
}

/** Without HOME, a user whom the system does not know has none. */
function home(): string {
  try {
    return homedir();
  } catch {
    return '/';
  }
}
