import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { atEnd } from './atEnd.ts';

/** Listens, then never looks again: its event loop is blocked for good. */
const BLOCKED = `
  const { parentPort, workerData } = require('node:worker_threads');
  const server = require('node:net').createServer();
  server.listen({ ...workerData, backlog: 1 }, () => {
    parentPort.postMessage(server.address().port);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  });
`;

/** Milliseconds after which a connection on loopback is not going to be made any more. */
const HANGS = 300;

/**
 * A server that does not answer a SYN: its backlog is full and nobody takes from it (Linux drops the SYN then;
 * listen(2), tcp_abort_on_overflow). Returns its port.
 */
export async function hangingServer(host = '127.0.0.1', wanted = 0): Promise<number> {
  const worker = new Worker(BLOCKED, { eval: true, workerData: { host, port: wanted } });
  const fillers: Socket[] = [];
  atEnd(async () => {
    for (const socket of fillers) socket.destroy();
    await worker.terminate();
  });
  const port = await new Promise<number>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
  for (let count = 0; count < 16; count += 1) {
    const socket = connect(port, host);
    socket.on('error', () => {});
    fillers.push(socket);
    const connected = new Promise((resolve) => socket.once('connect', () => resolve(true)));
    if (!(await Promise.race([connected, sleep(HANGS, false)]))) return port;
  }
  throw new Error('The backlog is not full');
}
