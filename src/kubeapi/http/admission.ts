import type { Socket } from 'node:net';
import { OpenConnections } from '../../limits/openConnections.ts';

/** How many connections there may be. */
export interface ConnectionBounds {
  /** Of clients that have shown the token; a watch holds one. */
  readonly proven: number;
  /** Of those that have not: of more, the oldest makes room, so that who has the token always gets in. */
  readonly unproven: number;
}

export const CONNECTIONS: ConnectionBounds = { proven: 4_096, unproven: 256 };

/** Bounds the connections of strangers apart from those of clients. */
export class Admission {
  readonly #maxProven: number;
  readonly #proven = new Set<Socket>();
  readonly #strangers: OpenConnections;

  constructor({ proven, unproven }: ConnectionBounds) {
    this.#maxProven = proven;
    this.#strangers = new OpenConnections(unproven);
  }

  /** For the listener. */
  get backlog(): number {
    return this.#strangers.backlog;
  }

  /** A connection was made. */
  meet(transport: Socket): void {
    this.#strangers.add(transport);
  }

  /** A request on that connection had the token. False when there are too many of those. */
  prove(socket: Socket): boolean {
    if (this.#proven.has(socket)) return true;
    if (this.#proven.size >= this.#maxProven) return false;
    this.#strangers.release(socket);
    this.#proven.add(socket);
    socket.once('close', () => this.#proven.delete(socket));
    return true;
  }
}
