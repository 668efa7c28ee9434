import type { Socket } from 'node:net';

/** What both ends of a connection are known by: TLS hides the connection below it, and knows the same. */
type Ends = Pick<Socket, 'remoteAddress' | 'remotePort' | 'localAddress' | 'localPort'>;

/**
 * Bounds how many connections of clients that have proven nothing yet are open: past it the oldest makes room, so that
 * no number of idle ones shuts anybody out. The bound is twice the listen backlog, so that whatever comes in one turn of the
 * event loop leaves everyone a turn to say something before newer ones push them out.
 */
export class OpenConnections {
  readonly #limit: number;
  /** The oldest first. */
  readonly #open = new Map<string, Socket>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** For the listener. */
  get backlog(): number {
    return Math.max(1, Math.floor(this.#limit / 2));
  }

  /** Connections that count now. */
  get size(): number {
    return this.#open.size;
  }

  /** Counts a new connection until it is closed or released. */
  add(socket: Socket): void {
    const key = keyOf(socket);
    this.#open.set(key, socket);
    socket.once('close', () => {
      // Its ends may be those of a newer connection by now.
      if (this.#open.get(key) === socket) this.#open.delete(key);
    });
    if (this.#open.size <= this.#limit) return;
    const [oldest] = this.#open;
    if (oldest === undefined) return;
    this.#open.delete(oldest[0]);
    oldest[1].resetAndDestroy();
  }

  /** The connection, or the one below TLS, no longer counts: its client has proven who it is, for instance. */
  release(ends: Ends): void {
    this.#open.delete(keyOf(ends));
  }
}

/** One client may use one port for connections to several addresses of this machine. */
function keyOf({ remoteAddress, remotePort, localAddress, localPort }: Ends): string {
  return `${remoteAddress} ${remotePort} ${localAddress} ${localPort}`;
}
