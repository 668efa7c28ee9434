/** One operator with many gates: memory, requests, from patch to proxy, and how soon it is back after a restart. */
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TcpGate } from '../../src/api/tcpgate.ts';
import type { Kube } from '../../src/kube/client.ts';
import { identityOf } from '../../src/operator/desired/common.ts';
import { CHILDREN, TCP_GATES } from '../../src/operator/resources.ts';
import { until } from '../../test/cluster/poll.ts';
import { say } from '../../test/cluster/say.ts';
import type { Values } from '../measures/measure.ts';
import { quantile } from '../statistics.ts';
import { createGates, createPausedDeployments, createPods, deleteNamespace } from './gates.ts';
import { type OperatorProcess, type ProxySettings, startOperator } from './operatorProcess.ts';
import { addressOf, StandIns } from './standIns.ts';

const PROXY: ProxySettings = {
  image: 'none',
  imagePullPolicy: 'IfNotPresent',
  imagePullSecrets: [],
  resources: {},
  nodeSelector: {},
  tolerations: [],
  affinity: {},
  priorityClassName: '',
  podLabels: {},
  podAnnotations: {},
  buffers: { connectionBytes: 16 * 1024 * 1024, processBytes: 256 * 1024 * 1024 },
};

const PATCHES = 200;
/** Seconds in which requests are counted. */
const COUNTED = 30;
const CHURN_PER_SECOND = 1_000;
const PATIENCE = { timeoutMs: 1_800_000, intervalMs: 200 };

/** Everything with so many gates, one round. The upstream is where all gates connect to. */
export async function measureOperator(
  kube: Kube,
  bundle: string,
  count: number,
  upstreamPort: number,
): Promise<Values> {
  const namespace = `bench-${count}-${Date.now().toString(36)}`;
  const name = (what: string) => `operator-${count}-${what}`;
  say(`operator: making ${count} gates`);
  const gates = await createGates(kube, namespace, count, upstreamPort);
  let operator: OperatorProcess | undefined;
  let standIns: StandIns | undefined;
  try {
    await createPausedDeployments(kube, gates, PROXY);
    operator = await startOperator(bundle, [namespace], PROXY);
    await until(`${count} Secrets are there`, PATIENCE, () => hasSecrets(kube, namespace, count));
    standIns = await StandIns.start(kube, gates);
    const numbers = new Map(gates.map((gate, number) => [identityOf(gate), number]));
    await createPods(kube, gates, (gate) => addressOf(numbers.get(identityOf(gate)) ?? 0));
    await until('every gate is programmed', PATIENCE, () => areProgrammed(kube, namespace));
    await isQuiet(operator);
    say(`operator: ${count} gates are programmed`);
    const idle = await requests(operator, COUNTED);
    const memory = operator.memory();
    const patches = await patchAll(kube, standIns, gates.slice(0, PATCHES));
    const churn = await statusWritesUnderChurn(operator, standIns, count);
    const recovery = await recover(operator, standIns, bundle, namespace, count);
    operator = recovery.operator;
    return {
      [name('memory')]: memory,
      [name('idle-requests')]: idle,
      [name('patch-p50')]: quantile(patches, 0.5),
      [name('patch-p99')]: quantile(patches, 0.99),
      [name('status-writes')]: churn,
      [name('recovery')]: recovery.seconds,
    };
  } finally {
    await operator?.stop();
    await standIns?.stop();
    await deleteNamespace(kube, namespace);
  }
}

async function hasSecrets(kube: Kube, namespace: string, count: number): Promise<boolean> {
  const { items } = await kube.list(CHILDREN.Secret, { namespace });
  return items.length >= count;
}

async function areProgrammed(kube: Kube, namespace: string): Promise<boolean> {
  const { items } = await kube.list(TCP_GATES, { namespace });
  return items.every((item) => {
    const { status } = item as { status?: TcpGate['status'] };
    return status?.conditions?.some(
      ({ type, status: is }) => type === 'Programmed' && is === 'True',
    );
  });
}

/** Nothing has been written for some seconds. */
async function isQuiet(operator: OperatorProcess): Promise<void> {
  await until('the operator writes nothing', PATIENCE, async () => {
    return (await requests(operator, 6)) === 0;
  });
}

/** Requests per second, without watches and what renews the Lease: GET, and PUT, which it does nothing else with. */
async function requests(operator: OperatorProcess, seconds: number): Promise<number> {
  const total = async () => {
    const all = await operator.metric('rest_client_requests_total');
    const others = await Promise.all(
      ['GET', 'PUT'].map((method) => operator.metric('rest_client_requests_total', { method })),
    );
    return all - others.reduce((sum, count) => sum + count, 0);
  };
  const before = await total();
  await sleep(seconds * 1_000);
  return ((await total()) - before) / seconds;
}

/** Seconds from the request to when the gate's proxy runs it, one gate after another. */
async function patchAll(
  kube: Kube,
  standIns: StandIns,
  gates: readonly TcpGate[],
): Promise<number[]> {
  const taken: number[] = [];
  for (const gate of gates) {
    const { generation } = gate.metadata;
    const running = standIns.await(identityOf(gate), generation + 1);
    const start = process.hrtime.bigint();
    await kube.mergePatch(TCP_GATES, gate.metadata, { spec: { toClient: { drop: {} } } });
    taken.push(Number((await running) - start) / 1e9);
  }
  return taken;
}

/** Status writes per gate and second while a thousand connections a second come and go, spread over all gates. */
async function statusWritesUnderChurn(
  operator: OperatorProcess,
  { ports }: StandIns,
  count: number,
): Promise<number> {
  let next = 0;
  const churn = setInterval(() => {
    for (let made = 0; made < CHURN_PER_SECOND / 100; made += 1) {
      const socket = connect(ports[next++ % ports.length] ?? 0, '127.0.0.1', () => socket.end());
      socket.on('error', () => {});
      socket.resume();
    }
  }, 10);
  try {
    // The burst that each gate has saved up is not what goes on.
    await sleep(COUNTED * 1_000);
    return (await requests(operator, COUNTED)) / count;
  } finally {
    clearInterval(churn);
  }
}

/** Seconds from the start of the next operator until it has told every proxy its gate's state and has no more to do. */
async function recover(
  before: OperatorProcess,
  standIns: StandIns,
  bundle: string,
  namespace: string,
  count: number,
): Promise<{ operator: OperatorProcess; seconds: number }> {
  await before.stop();
  await standIns.forget();
  const start = performance.now();
  const operator = await startOperator(bundle, [namespace], PROXY);
  await until('every proxy is told', PATIENCE, async () => (await standIns.told()) >= count);
  await until('the queue is empty', PATIENCE, async () => {
    return (await operator.metric('workqueue_depth')) === 0;
  });
  return { operator, seconds: (performance.now() - start) / 1_000 };
}
