import { Kube } from '../kube/client.ts';
import { kubeConfigOfFile, kubeConfigOfText, type LoadedConfig } from '../kube/config.ts';
import { isNotFound, KubeApiError } from '../kube/errors.ts';
import { version } from '../observe/version.ts';
import { Call } from './call.ts';
import { Chaos } from './chaos.ts';
import { CLUSTER_DELAYS, type CountDelays, LOCAL_DELAYS } from './counts.ts';
import { NotInstalledError, UnreachableError } from './errors.ts';
import { failureOf } from './failures.ts';
import { GateWatch } from './gateWatch.ts';
import { readFields, readOptions } from './options.ts';
import { TCP_GATES } from './resource.ts';
import { findServer, serverText } from './server.ts';

/** As for `chaosgate up`. */
export interface LocalOptions {
  /** Address that the gates listen on. Default: 127.0.0.1. */
  readonly listen?: string | undefined;
  /** Port of the API on 127.0.0.1. Default: any. */
  readonly port?: number | undefined;
}

export interface ConnectOptions {
  /**
   * File of the kubeconfig. Default: KUBECONFIG; else that of `chaosgate up` while it runs; else ~/.kube/config; else the
   * cluster that this pod is in. Which one it was is said in a warning when the first gate is made.
   */
  readonly kubeconfig?: string | undefined;
  /** Default: that of the current context. */
  readonly namespace?: string | undefined;
  /** Starts chaosgate in this process, with an API of its own on loopback. It ends when the connection is closed. */
  readonly local?: boolean | LocalOptions | undefined;
  /** Milliseconds that a call may take when it does not say, this one too. Default: 10,000. */
  readonly timeout?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Its options besides those of every call. */
export const CONNECT_OPTIONS = { kubeconfig: true, namespace: true, local: true } as const;

const DEFAULT_TIMEOUT = 10_000;

interface Place extends LoadedConfig {
  /** Text of a kubeconfig for others. */
  readonly kubeconfig?: string;
  stop(): Promise<void>;
}

/** Connects to a cluster or to `chaosgate up`, or starts chaosgate in this process. Rejects with a `ChaosError`. */
export async function connect(given: ConnectOptions = {}): Promise<Chaos> {
  const options = readOptions('connect()', given, CONNECT_OPTIONS);
  const call = new Call(options, DEFAULT_TIMEOUT);
  call.signal?.throwIfAborted();
  const place = await placeOf(options);
  const namespace = options.namespace ?? place.namespace;
  const kube = new Kube(place.config, { userAgent: `chaosgate-client/${version}` });
  const end = async () => {
    await kube.close();
    await place.stop();
  };
  try {
    const delays = await greet(kube, namespace, call);
    const watch = new GateWatch({ kube, namespace });
    watch.start();
    const session = { kube, watch, namespace, delays, timeout: call.timeout };
    const isNamed = options.kubeconfig !== undefined || place.kubeconfig !== undefined;
    const announce = isNamed ? () => {} : () => announceServer(namespace, place);
    return new Chaos({ ...session, announce }, place.kubeconfig, async () => {
      await watch.stop();
      await end();
    });
  } catch (error) {
    await end();
    if (!(error instanceof UnreachableError)) throw error;
    throw new UnreachableError(`${error.message}. The server was ${serverText(place)}`, {
      cause: error,
    });
  }
}

const announced = new Set<string>();

/** Once in a process: nobody has said in the test where its gates are to be. */
function announceServer(namespace: string, server: LoadedConfig): void {
  const message = `Gates are created in namespace "${namespace}" of ${serverText(server)}. To use another server, set KUBECONFIG or connect({ kubeconfig }); connect({ local: true }) needs none`;
  if (announced.has(message)) return;
  announced.add(message);
  process.emitWarning(message, { type: 'ChaosgateServer', code: 'CHAOSGATE_SERVER' });
}

async function placeOf({ kubeconfig, local }: ConnectOptions): Promise<Place> {
  const isLocal = local !== undefined && local !== false;
  if (isLocal && local !== true) {
    readFields('local has no option', 'local', local, ['listen', 'port']);
  }
  if (isLocal && kubeconfig !== undefined) {
    throw new TypeError('kubeconfig and local are mutually exclusive: omit one of them');
  }
  try {
    if (isLocal) return await startHere(local === true ? {} : local);
    const loaded = kubeconfig === undefined ? findServer() : kubeConfigOfFile(kubeconfig);
    return { ...(await loaded), stop: async () => {} };
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    const advice = isLocal
      ? 'chaosgate could not be started in this process'
      : 'To run gates without a cluster, start "npx chaosgate up", or use connect({ local: true }) to run them in this process';
    throw new UnreachableError(`${message}. ${advice}`, { cause });
  }
}

/** Loaded only when it is wanted: the operator and the gates come with it. */
async function startHere({ listen, port }: LocalOptions): Promise<Place> {
  const { startLocal } = await import('../local/start.ts');
  const local = await startLocal({
    ...(listen === undefined ? {} : { listen }),
    ...(port === undefined ? {} : { port }),
  });
  const { kubeconfig } = local;
  return { ...kubeConfigOfText(kubeconfig), kubeconfig, stop: () => local.stop() };
}

/** Asks for what will be needed, so that what is wrong with a connection is said at once. */
async function greet(kube: Kube, namespace: string, call: Call): Promise<CountDelays> {
  try {
    await kube.list(TCP_GATES, { ...call.request, namespace, limit: 1 });
    return (await isLocalServer(kube, call)) ? LOCAL_DELAYS : CLUSTER_DELAYS;
  } catch (error) {
    if (!call.signal?.aborted && isNotFound(error)) {
      throw new NotInstalledError(
        'The API server does not know TcpGates: install chaosgate there, with "helm install chaosgate charts/chaosgate"',
        { cause: error },
      );
    }
    throw failureOf(error, `${namespace}/`, call.signal);
  }
}

/** Tells it by the version. A cluster may keep that to itself. */
async function isLocalServer(kube: Kube, call: Call): Promise<boolean> {
  try {
    return (await kube.version(call.request)).includes('+chaosgate.');
  } catch (error) {
    if (error instanceof KubeApiError) return false;
    throw error;
  }
}
