import type { TcpGate } from '../../src/api/tcpgate.ts';
import type { Kube } from '../../src/kube/client.ts';
import type { KubeObject } from '../../src/kube/objects.ts';
import { Reflector } from '../../src/kube/reflector.ts';
import { identityOf } from '../../src/operator/desired/common.ts';
import { TCP_GATES } from '../../src/operator/resources.ts';
import { type Patience, until } from '../../test/cluster/poll.ts';
import { say } from '../../test/cluster/say.ts';
import {
  createGates,
  createPausedDeployments,
  createPods,
  deleteNamespaces,
  namespacesFor,
} from './gates.ts';
import { type OperatorProcess, type ProxySettings, startOperator } from './operatorProcess.ts';
import { addressOf, StandIns } from './standIns.ts';
import { becomeQuiet } from './writes.ts';

const PROXY: ProxySettings = {
  image: 'none',
  imagePullPolicy: 'IfNotPresent',
  imagePullSecrets: [],
  resources: {},
  resourcesByNamespace: {},
  nodeSelector: {},
  tolerations: [],
  affinity: {},
  priorityClassName: '',
  podLabels: {},
  podAnnotations: {},
  deniedUpstreams: [],
  networkPolicy: { enabled: true, clients: [], scrapers: [] },
  buffers: { connectionBytes: 16 * 1024 * 1024, processBytes: 256 * 1024 * 1024 },
};

/** For what takes the longer the more gates there are. */
export const PATIENCE: Patience = { timeoutMs: 1_800_000, intervalMs: 200 };

/** Gates that an operator has brought up, with all that belongs to them, and with processes in place of their pods. */
export interface Scene {
  readonly gates: readonly TcpGate[];
  readonly standIns: StandIns;
  /** No other operator may be at work on them. */
  startOperator(): Promise<OperatorProcess>;
  remove(): Promise<void>;
}

/** @param upstreamPort where all gates connect to */
export async function createScene(
  kube: Kube,
  bundle: string,
  count: number,
  upstreamPort: number,
): Promise<Scene> {
  const namespaces = namespacesFor(count);
  const start = () => startOperator(bundle, namespaces, PROXY);
  let standIns: StandIns | undefined;
  const remove = async () => {
    await standIns?.stop();
    await deleteNamespaces(kube, namespaces);
  };
  say(`operator: making ${count} gates`);
  try {
    const gates = await createGates(kube, namespaces, count, upstreamPort);
    await createPausedDeployments(kube, gates, PROXY);
    const operator = await start();
    try {
      standIns = await bringUp(kube, namespaces, gates);
      await becomeQuiet(operator, PATIENCE);
    } finally {
      await operator.stop();
    }
    say(`operator: ${count} gates are programmed`);
    return { gates, standIns, startOperator: start, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** Stands in for the pods of gates that an operator works on, and waits until it has programmed all. */
async function bringUp(
  kube: Kube,
  namespaces: readonly string[],
  gates: readonly TcpGate[],
): Promise<StandIns> {
  // To list so many gates again and again would keep the API server from what is waited for.
  const reflectors = namespaces.map(
    (namespace) =>
      new Reflector({
        kube,
        resource: TCP_GATES,
        namespace,
        onChange: () => {},
        onError: ({ message }) => say(`operator: watching the gates: ${message}`),
      }),
  );
  const seen = () => reflectors.flatMap((reflector) => reflector.list());
  for (const reflector of reflectors) reflector.start();
  let standIns: StandIns | undefined;
  try {
    await Promise.all(reflectors.map(({ synced }) => synced));
    // The status is written after what belongs to the gate, so the Secrets are there.
    await until('every gate has a status', PATIENCE, () => seen().every(hasStatus));
    standIns = await StandIns.start(kube, namespaces, gates);
    const numbers = new Map(gates.map((gate, number) => [identityOf(gate), number]));
    await createPods(kube, gates, (gate) => addressOf(numbers.get(identityOf(gate)) ?? 0));
    await until('every gate is programmed', PATIENCE, () => seen().every(isProgrammed));
    return standIns;
  } catch (error) {
    await standIns?.stop();
    throw error;
  } finally {
    await Promise.all(reflectors.map((reflector) => reflector.stop()));
  }
}

function statusOf(gate: KubeObject): TcpGate['status'] {
  return (gate as { status?: TcpGate['status'] }).status;
}

function hasStatus(gate: KubeObject): boolean {
  return statusOf(gate) !== undefined;
}

function isProgrammed(gate: KubeObject): boolean {
  const conditions = statusOf(gate)?.conditions ?? [];
  return conditions.some(({ type, status }) => type === 'Programmed' && status === 'True');
}
