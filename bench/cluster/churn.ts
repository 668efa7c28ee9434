import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { OperatorProcess } from './operatorProcess.ts';
import { writesOf } from './writes.ts';

/** Seconds in which writes are counted, and before that. */
const SECONDS = 30;
const CONNECTIONS_PER_SECOND = 1_000;

/** Writes per gate and second while a thousand connections a second come and go, spread over all gates. */
export async function statusWritesUnderChurn(
  operator: OperatorProcess,
  ports: readonly number[],
): Promise<number> {
  const stop = startChurn(ports);
  try {
    // The burst that each gate has saved up is not what goes on.
    await sleep(SECONDS * 1_000);
    const before = await writesOf(operator);
    await sleep(SECONDS * 1_000);
    return ((await writesOf(operator)) - before) / SECONDS / ports.length;
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
