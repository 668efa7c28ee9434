import type { Socket } from 'node:net';

/** Milliseconds between looks after an end that is not read. */
const INTERVAL = 1_000;

const NOTHING = Buffer.alloc(0);

/**
 * An RST is seen by those alone who read or write. A write of no bytes sends nothing, and fails after an RST: an
 * end that gave up while it is not read, or after its FIN, is not held for good, nor are its bytes.
 */
export class Lookout {
  readonly #socket: Socket;
  #timer: NodeJS.Timeout | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** The socket is not read from here on; ends by itself when it is read again. */
  start(): void {
    this.#timer ??= setInterval(() => this.#look(), INTERVAL);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #look(): void {
    const { readableFlowing, readableEnded, writable, writableLength } = this.#socket;
    if (readableFlowing === true && !readableEnded) this.stop();
    else if (writable && writableLength === 0) this.#socket.write(NOTHING);
  }
}
