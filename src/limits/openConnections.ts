import type { Socket } from 'node:net';

/**
 * Bounds how many connections of clients that have proven nothing yet are open: past it the oldest makes room, so that
 * no number of idle ones shuts anybody out. With a bound of several listen backlogs, whatever comes in one turn of the
 * event loop leaves everyone a turn to say something before newer ones push them out.
 */
export class OpenConnections {
  readonly #limit: number;
  /** The oldest first. */
  readonly #open = new Set<Socket>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Connections that count now. */
  get size(): number {
    return this.#open.size;
  }

  /** Counts a new connection until it is closed or released. */
  add(socket: Socket): void {
    this.#open.add(socket);
    socket.once('close', () => this.release(socket));
    if (this.#open.size <= this.#limit) return;
    const [oldest] = this.#open;
    if (oldest === undefined) return;
    this.release(oldest);
    oldest.resetAndDestroy();
  }

  /** The connection no longer counts: its client has proven who it is, for instance. */
  release(socket: Socket): void {
    this.#open.delete(socket);
  }
}
