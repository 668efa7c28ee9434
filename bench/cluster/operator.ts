/** One operator with many gates: memory, requests, from patch to proxy, and how soon it is back after a restart. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { TcpGate } from '../../src/api/tcpgate.ts';
import type { Kube } from '../../src/kube/client.ts';
import { identityOf } from '../../src/operator/desired/common.ts';
import { TCP_GATES } from '../../src/operator/resources.ts';
import { until } from '../../test/cluster/poll.ts';
import type { Subject } from '../measures/measure.ts';
import { quantile } from '../statistics.ts';
import { statusWritesUnderChurn } from './churn.ts';
import type { OperatorProcess } from './operatorProcess.ts';
import { createScene, PATIENCE, type Scene } from './scene.ts';
import type { StandIns } from './standIns.ts';
import { becomeQuiet, writesOf } from './writes.ts';

const PATCHES = 200;
/** Seconds in which the requests of an operator without work are counted, and the gates' budgets of writes fill up. */
const IDLE = 30;

/**
 * Everything with so many gates. They are made once, which takes longest, and each round has a new operator: its memory
 * is that of one which has found the gates as they are, and done nothing yet.
 *
 * @param upstreamPort where all gates connect to
 */
export async function prepareOperator(
  kube: Kube,
  bundle: string,
  count: number,
  upstreamPort: number,
): Promise<Subject> {
  const scene = await createScene(kube, bundle, count, upstreamPort);
  const { gates, standIns } = scene;
  const name = (what: string) => `operator-${count}-${what}`;
  let round = 0;
  return {
    async round() {
      round += 1;
      const { operator, seconds } = await recover(scene);
      try {
        await becomeQuiet(operator, PATIENCE);
        const idle = await idleRequests(operator);
        const memory = operator.memory();
        const writes = await statusWritesUnderChurn(operator, standIns.ports);
        await becomeQuiet(operator, PATIENCE);
        const patches = await patchAll(kube, standIns, gates.slice(0, PATCHES), round);
        await becomeQuiet(operator, PATIENCE);
        return {
          [name('recovery')]: seconds,
          [name('idle-requests')]: idle,
          [name('memory')]: memory,
          [name('status-writes')]: writes,
          [name('patch-p50')]: quantile(patches, 0.5),
          [name('patch-p99')]: quantile(patches, 0.99),
        };
      } finally {
        await operator.stop();
      }
    },
    stop: () => scene.remove(),
  };
}

/** Seconds from the start of the next operator until it has told every proxy its gate's state and has no more to do. */
async function recover({
  gates,
  standIns,
  startOperator,
}: Scene): Promise<{ operator: OperatorProcess; seconds: number }> {
  await standIns.forget();
  const start = performance.now();
  const operator = await startOperator();
  try {
    await until('every proxy is told', PATIENCE, async () => {
      return (await standIns.told()) >= gates.length;
    });
    await until('the queue is empty', PATIENCE, async () => {
      return (await operator.metric('workqueue_depth')) === 0;
    });
    return { operator, seconds: (performance.now() - start) / 1_000 };
  } catch (error) {
    await operator.stop();
    throw error;
  }
}

/** Per second. */
async function idleRequests(operator: OperatorProcess): Promise<number> {
  const before = await writesOf(operator);
  await sleep(IDLE * 1_000);
  return ((await writesOf(operator)) - before) / IDLE;
}

/**
 * Seconds from the request to when the gate's proxy runs it, one gate after another.
 *
 * @param round counts from 1: each round patches every gate once, and to something new
 */
async function patchAll(
  kube: Kube,
  standIns: StandIns,
  gates: readonly TcpGate[],
  round: number,
): Promise<number[]> {
  const patch = { spec: { toClient: { delay: { milliseconds: round } } } };
  const taken: number[] = [];
  for (const gate of gates) {
    const { metadata } = gate;
    const running = standIns.await(identityOf(gate), metadata.generation + round);
    const start = process.hrtime.bigint();
    await kube.mergePatch(TCP_GATES, metadata, patch);
    taken.push(Number((await running) - start) / 1e9);
  }
  return taken;
}
