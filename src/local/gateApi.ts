import type { JsonObject } from '../json/json.ts';
import { type ApiServer, type ApiServerOptions, startApiServer } from '../kubeapi/start.ts';
import { tcpGates } from './tcpGates.ts';

export interface GateApiOptions
  extends Pick<ApiServerOptions, 'port' | 'environment' | 'connections' | 'onError'> {
  /** Version of this program. */
  readonly version: string;
  /** Gates of an earlier start. */
  readonly initial?: readonly JsonObject[];
  /** Keeps the gates; see `StoreOptions.persist`. Without it they go with the process. */
  readonly persist?: (gates: readonly JsonObject[]) => Promise<void>;
}

/** Starts the API of `chaosgate up`: that of Kubernetes for TcpGates. Rejects when the port is not available. */
export function startGateApi({
  version,
  initial = [],
  persist,
  ...options
}: GateApiOptions): Promise<ApiServer> {
  return startApiServer({
    ...options,
    program: { name: 'chaosgate', version, command: 'chaosgate up' },
    kinds: [tcpGates],
    kept: { kind: tcpGates, initial, persist },
  });
}
