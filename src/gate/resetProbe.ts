import type { Socket } from 'node:net';

/** Milliseconds between probes of a socket that is not read. */
const INTERVAL = 1_000;

const NOTHING = Buffer.alloc(0);

/**
 * Detects an RST on a socket that is not read. Only a read or a write notices an RST; a write of zero bytes sends nothing
 * and fails after one. Without it, a peer that gave up, and its bytes, would be held forever.
 */
export class ResetProbe {
  readonly #socket: Socket;
  #timer: NodeJS.Timeout | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Call when reading pauses. Stops by itself once the socket is read again. */
  start(): void {
    this.#timer ??= setInterval(() => this.#probe(), INTERVAL);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #probe(): void {
    const { readableFlowing, readableEnded, writable, writableLength } = this.#socket;
    if (readableFlowing === true && !readableEnded) this.stop();
    else if (writable && writableLength === 0) this.#socket.write(NOTHING);
  }
}
