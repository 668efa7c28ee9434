import type { Socket } from 'node:net';

const WRITE = 65_536;

/** Text again and again, so long that any stretch of `WRITE` bytes can be cut from it at any place. */
export class Stream {
  readonly #bytes: Buffer;
  readonly #period: number;

  constructor(text?: string) {
    const unit =
      text === undefined
        ? Buffer.from(Array.from({ length: 251 }, (_, index) => index))
        : Buffer.from(text);
    this.#period = unit.length;
    this.#bytes = Buffer.alloc(8 * WRITE + unit.length, unit);
  }

  at(offset: number, length: number): Buffer {
    const start = offset % this.#period;
    return this.#bytes.subarray(start, start + length);
  }

  /** Whether those are the bytes from that place on. */
  matches(offset: number, data: Buffer): boolean {
    for (let at = 0; at < data.length; at += WRITE) {
      const part = data.subarray(at, at + WRITE);
      if (!part.equals(this.at(offset + at, part.length))) return false;
    }
    return true;
  }
}

/** One end of a connection through the gate: sends as fast as it can, and checks what it gets. */
export class End {
  readonly socket: Socket;
  readonly #stream: Stream;
  readonly #message: number;
  readonly #pause: number | undefined;
  sent = 0;
  received = 0;
  isIntact = true;
  /** The other end is done. */
  hasEnded = false;
  error: string | undefined;
  #isPushing = false;
  #isRead = false;

  constructor(
    socket: Socket,
    stream: Stream,
    { message = WRITE, pause }: { message?: number | undefined; pause?: number | undefined },
  ) {
    this.socket = socket;
    this.#stream = stream;
    this.#message = message;
    this.#pause = pause;
    socket.setNoDelay(true);
    socket.on('error', ({ message }) => {
      this.error = message;
    });
    socket.on('end', () => {
      this.hasEnded = true;
    });
    socket.on('drain', () => this.#send());
    socket.pause();
  }

  /** Neither end is done, nor has it failed. */
  get isOpen(): boolean {
    return !this.socket.destroyed && !this.hasEnded;
  }

  /** Nothing more comes. */
  get isOver(): boolean {
    return this.hasEnded || this.error !== undefined;
  }

  /** Reads from now on; does nothing the second time. */
  read(): void {
    if (this.#isRead) return;
    this.#isRead = true;
    this.socket.on('data', (data: Buffer) => {
      this.isIntact &&= this.#stream.matches(this.received, data);
      this.received += data.length;
    });
    this.socket.resume();
  }

  push(): void {
    this.#isPushing = true;
    this.#send();
  }

  /** FIN, behind what was sent. */
  finish(): void {
    this.#isPushing = false;
    if (!this.socket.destroyed) this.socket.end();
  }

  #send(): void {
    if (!this.#isPushing || this.socket.destroyed) return;
    let room = true;
    for (let count = 0; room && count < 64; count += 1) {
      room = this.socket.write(this.#stream.at(this.sent, this.#message));
      this.sent += this.#message;
      if (this.#pause === undefined) continue;
      if (room) setTimeout(() => this.#send(), this.#pause);
      return;
    }
    if (room) setImmediate(() => this.#send());
  }
}
