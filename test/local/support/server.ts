import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ApiServer } from '../../../src/kubeapi/start.ts';
import { type GateApiOptions, startGateApi } from '../../../src/local/gateApi.ts';
import { writeKubeconfig } from '../../../src/local/kubeconfig.ts';
import { Client } from '../../contract/client.ts';
import { Kubectl, kubectlProgram } from './kubectl.ts';

/** The API of `chaosgate up` with what a test asks it with. */
export interface LocalServer {
  readonly api: ApiServer;
  readonly client: Client;
  readonly kubectl: Kubectl;
  /** A folder that goes with the server. */
  readonly folder: string;
  /** What nobody expected. */
  readonly errors: readonly unknown[];
  stop(): Promise<void>;
}

export async function startServer(options: Partial<GateApiOptions> = {}): Promise<LocalServer> {
  const folder = await mkdtemp(join(tmpdir(), 'chaosgate-local-'));
  const errors: unknown[] = [];
  const api = await startGateApi({
    port: 0,
    version: '0.0.0-test',
    onError: (error) => errors.push(error),
    ...options,
  });
  const kubeconfig = join(folder, 'kubeconfig');
  await writeKubeconfig(kubeconfig, api);
  const client = new Client({ url: api.url, ca: api.certificate, token: api.token });
  return {
    api,
    client,
    kubectl: new Kubectl(await kubectlProgram(), kubeconfig, folder),
    folder,
    errors,
    stop: async () => {
      client.close();
      await api.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
