import { GateSockets } from '../gate/gateSockets.ts';
import { CONNECTIONS } from '../kubeapi/http/admission.ts';
import type { Restored } from '../kubeapi/restore.ts';
import type { Store } from '../kubeapi/store/store.ts';
import { openFilesLimit, shareFiles } from '../limits/openFiles.ts';
import { version } from '../observe/version.ts';
import { defaultProcessBytes } from '../proxy/memory.ts';
import { listenAddress } from './addresses.ts';
import { Controller } from './controller.ts';
import { startGateApi } from './gateApi.ts';
import { InProcessKube } from './inProcessKube.ts';
import { type Access, kubeconfigOf } from './kubeconfig.ts';
import type { LocalRuntime } from './localRuntime.ts';
import { checkAddress } from './ports.ts';
import { StateKeeper } from './stateKeeper.ts';

export interface LocalOptions {
  /** Address that the gates listen on. Default: 127.0.0.1. */
  readonly listen?: string;
  /** Port of the API on 127.0.0.1. Default: any. */
  readonly port?: number;
  /** File that keeps the gates over restarts. Without it they go with the process. */
  readonly state?: string | undefined;
  /** An internal failure that is not reported elsewhere; for the log. */
  readonly onError?: (error: unknown) => void;
}

/** chaosgate in this process: an API for TcpGates, and their gates. */
export interface Local {
  /** Where the API is and how to be let in. */
  readonly access: Access;
  /** Address that the gates listen on. */
  readonly listen: string;
  /** The same as the text of a kubeconfig. */
  readonly kubeconfig: string;
  /** The API without a socket in between. */
  readonly kube: InProcessKube;
  readonly store: Store;
  readonly runtime: LocalRuntime;
  /** Gates in the state file that are no longer valid, and why. */
  readonly refused: Restored['refused'];
  /** Closes gates and API in order. */
  stop(): Promise<void>;
}

/** Rejects with a text for people when the address, the state file or the port of the API cannot be used. */
export async function startLocal({
  listen = '127.0.0.1',
  port = 0,
  state,
  onError = () => {},
}: LocalOptions = {}): Promise<Local> {
  const address = listenAddress(listen);
  await checkAddress(address);
  const keeper = state === undefined ? undefined : await StateKeeper.open(state, onError);
  const files = shareFiles(openFilesLimit());
  const api = await startGateApi({
    port,
    version,
    connections: {
      proven: Math.min(CONNECTIONS.proven, files.others),
      unproven: Math.min(CONNECTIONS.unproven, files.others),
    },
    onError,
    ...(keeper === undefined ? {} : { initial: keeper.initial, persist: keeper.persist }),
  });
  const { store, refused, url, certificate, token } = api;
  const access = { url, certificate, token };
  keeper?.setRefused(refused.map(({ name }) => name));
  await keeper?.own(access).catch(onError);
  keeper?.follow(store);
  const kube = new InProcessKube(api.api, `chaosgate/${version}`);
  const sockets = new GateSockets({
    openFiles: files.limit,
    limit: files.work,
    listeners: files.others,
  });
  const controller = new Controller({
    store,
    kube,
    listen: address,
    sockets,
    processBytes: defaultProcessBytes(process.constrainedMemory()),
    kept: keeper,
    onError,
  });
  controller.start();
  return {
    access,
    listen: address,
    kubeconfig: kubeconfigOf(access),
    kube,
    store,
    runtime: controller.runtime,
    refused,
    stop: async () => {
      await api.close();
      await controller.stop();
      await keeper?.close();
    },
  };
}
