import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { BURST } from '../../src/operator/statusSchedule.ts';
import type { OperatorProcess } from './operatorProcess.ts';
import { writesOf } from './writes.ts';

/** Seconds: the longer, the less it weighs that most gates have a part of their next write saved up at the end. */
const SECONDS = 60;
const CONNECTIONS_PER_SECOND = 1_000;
/** Gates that take part at most: with less than a connection per second, a gate may not want all its writes. */
const MOST_GATES = 1_000;

/**
 * Writes per gate and second while a thousand connections a second come and go, spread over gates that nothing
 * was written of for `BURST` intervals.
 *
 * A status' budget is a bucket that is full then: whatever happens, a gate gets no more than `BURST` writes and one per
 * interval. So the burst is counted from its first write on and taken off. Writes of a stretch that begins later would
 * say less: how many fall into it depends on where in their intervals its ends find the gates, and all gates began at
 * once. Where machine or API server are too busy for a gate to use its budget up, the figure comes out lower, down to 0
 * where not even the burst is used up.
 */
export async function statusWritesUnderChurn(
  operator: OperatorProcess,
  allPorts: readonly number[],
): Promise<number> {
  const ports = allPorts.slice(0, MOST_GATES);
  const before = await writesOf(operator);
  const start = performance.now();
  const stop = startChurn(ports);
  try {
    await sleep(SECONDS * 1_000);
    const writes = (await writesOf(operator)) - before;
    const seconds = (performance.now() - start) / 1_000;
    return Math.max(0, writes / ports.length - BURST) / seconds;
  } finally {
    stop();
  }
}

function startChurn(ports: readonly number[]): () => void {
  let next = 0;
  const timer = setInterval(() => {
    for (let made = 0; made < CONNECTIONS_PER_SECOND / 100; made += 1) {
      const socket = connect(ports[next++ % ports.length] ?? 0, '127.0.0.1', () => socket.end());
      socket.on('error', () => {});
      socket.resume();
    }
  }, 10);
  return () => clearInterval(timer);
}
