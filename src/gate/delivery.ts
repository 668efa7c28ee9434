import { readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';

/** Milliseconds without progress after which the other end counts as no longer reading. */
const PATIENCE = 2_000;

/** Milliseconds between checks of the kernel's queues; doubles from the first to the last. */
const FIRST_POLL = 1;
const LAST_POLL = 50;

/** Milliseconds that bytes get to arrive where the system does not tell whether they have. */
const BLIND_WAIT = 100;

/** The sockets of this network namespace, IPv4 and IPv6 (proc_net(5)). */
const TABLES = ['/proc/net/tcp', '/proc/net/tcp6'];

/** local_address, rem_address and tx_queue of a row, of the addresses only the ports; all hexadecimal. */
const ROW = /^ *\d+: \w+:(\w{4}) \w+:(\w{4}) \w{2} (\w{8}):/gm;

interface Waiting {
  readonly socket: Socket;
  readonly ports: string;
  unacknowledged: number;
  progressAt: number;
  readonly done: () => void;
}

const waiting = new Set<Waiting>();

/** Calls `done` when the kernel has every byte that was written to the socket, at once if it has them already. */
export function whenWritten(socket: Socket, done: () => void): void {
  if (socket.writableLength === 0) done();
  else if (socket.writableEnded) socket.once('finish', done);
  else socket.write(NOTHING, () => done());
}

const NOTHING = Buffer.alloc(0);

/**
 * Calls `done` when the other end's kernel has every byte that was written to the socket, or has taken none for two
 * seconds. A reset before that throws away what is on its way (tcp(7), SO_LINGER); after it, the other end reads
 * all of it and then the error. Linux tells; elsewhere the bytes get a tenth of a second.
 */
export function whenAcknowledged(socket: Socket, done: () => void): void {
  whenWritten(socket, () => {
    if (socket.destroyed || socket.remotePort === undefined) {
      done();
      return;
    }
    const ports = `${hex(socket.localPort)} ${hex(socket.remotePort)}`;
    const isFirst = waiting.size === 0;
    waiting.add({
      socket,
      ports,
      unacknowledged: Number.POSITIVE_INFINITY,
      progressAt: performance.now(),
      done,
    });
    if (isFirst) void watch();
  });
}

/** One look serves all that wait: a table has a row for each socket of the machine. */
async function watch(): Promise<void> {
  for (let pause = FIRST_POLL; waiting.size > 0; pause = Math.min(2 * pause, LAST_POLL)) {
    const queues = await sendQueues();
    if (queues === undefined) await sleep(BLIND_WAIT);
    for (const entry of [...waiting]) settle(entry, queues);
    await sleep(pause);
  }
}

function settle(entry: Waiting, queues: ReadonlyMap<string, number> | undefined): void {
  const now = performance.now();
  const isKnown = queues !== undefined && !entry.socket.destroyed;
  // A table that changes while it is read may lack a row: ignore it this time.
  const unacknowledged = isKnown ? (queues.get(entry.ports) ?? entry.unacknowledged) : 0;
  if (unacknowledged < entry.unacknowledged) {
    entry.unacknowledged = unacknowledged;
    entry.progressAt = now;
  }
  if (unacknowledged > 0 && now - entry.progressAt < PATIENCE) return;
  waiting.delete(entry);
  entry.done();
}

/** Bytes that were written and not acknowledged, by local and remote port; undefined where that is not known. */
async function sendQueues(): Promise<ReadonlyMap<string, number> | undefined> {
  const tables = await Promise.all(TABLES.map((path) => readFile(path, 'latin1').catch(() => '')));
  const rows = [...tables.join('').matchAll(ROW)];
  if (rows.length === 0) return undefined;
  const queues = new Map<string, number>();
  for (const [, local, remote, queue] of rows) {
    const ports = `${local} ${remote}`;
    // Sockets of several addresses may share their ports: the fullest decides.
    queues.set(ports, Math.max(queues.get(ports) ?? 0, Number.parseInt(queue ?? '', 16)));
  }
  return queues;
}

function hex(port = 0): string {
  return port.toString(16).toUpperCase().padStart(4, '0');
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
