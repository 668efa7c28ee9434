import type { Socket } from 'node:net';

/** How many connections there may be. */
export interface ConnectionBounds {
  /** Of clients that have shown the token; a watch holds one. */
  readonly proven: number;
  /** Of those that have not: of more, the oldest makes room, so that who has the token always gets in. */
  readonly unproven: number;
}

export const CONNECTIONS: ConnectionBounds = { proven: 4_096, unproven: 256 };

type End = Pick<Socket, 'remoteAddress' | 'remotePort'>;

/** Bounds the connections of strangers apart from those of clients. */
export class Admission {
  readonly #bounds: ConnectionBounds;
  /** The oldest first. */
  readonly #unproven = new Map<string, Socket>();
  readonly #proven = new Set<string>();

  constructor(bounds: ConnectionBounds) {
    this.#bounds = bounds;
  }

  /** A connection was made. */
  meet(socket: Socket): void {
    const key = keyOf(socket);
    this.#unproven.set(key, socket);
    socket.once('close', () => {
      this.#unproven.delete(key);
      this.#proven.delete(key);
    });
    if (this.#unproven.size <= this.#bounds.unproven) return;
    const [oldest] = this.#unproven.values();
    oldest?.destroy();
  }

  /** A request on that connection had the token. False when there are too many of those. */
  prove(end: End): boolean {
    const key = keyOf(end);
    if (this.#proven.has(key)) return true;
    if (this.#proven.size >= this.#bounds.proven) return false;
    this.#unproven.delete(key);
    this.#proven.add(key);
    return true;
  }
}

/** TLS hides the connection below it: both know the other end. */
function keyOf({ remoteAddress, remotePort }: End): string {
  return `${remoteAddress} ${remotePort}`;
}
