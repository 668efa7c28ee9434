import { connect, type Socket } from 'node:net';
import { expect } from 'vitest';
import { atEnd } from './atEnd.ts';
import { stays, until } from './time.ts';

/** Bytes that came together, and when. */
interface Arrival {
  readonly data: Buffer;
  readonly at: number;
}

/**
 * One end of a connection: sends what it is told to, and records all that it sees. It answers a FIN with
 * nothing: half-open connections stay half open.
 */
export class Peer {
  readonly socket: Socket;
  readonly arrivals: Arrival[] = [];
  /** When the other end's FIN came. */
  finAt: number | undefined;
  /** Code of the error that ended it: ECONNRESET for an RST. */
  error: string | undefined;
  errorAt: number | undefined;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (data) => this.arrivals.push({ data, at: performance.now() }));
    socket.on('end', () => {
      this.finAt = performance.now();
    });
    socket.on('error', ({ code, message }: NodeJS.ErrnoException) => {
      this.error = code ?? message;
      this.errorAt = performance.now();
    });
  }

  /**
   * Connects from loopback. Rejects when it is not let in; an RST that follows the handshake may be there
   * as soon as its end, and is recorded like any other.
   */
  static async connect(port: number, host = '127.0.0.1'): Promise<Peer> {
    const socket = connect({ port, host, allowHalfOpen: true });
    atEnd(() => socket.destroy());
    const peer = new Peer(socket);
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', (error: NodeJS.ErrnoException) =>
        error.code === 'ECONNRESET' ? resolve() : reject(error),
      );
    });
    return peer;
  }

  /** All that it has received. */
  get bytes(): Buffer {
    return Buffer.concat(this.arrivals.map(({ data }) => data));
  }

  get length(): number {
    return this.arrivals.reduce((sum, { data }) => sum + data.length, 0);
  }

  get text(): string {
    return this.bytes.toString('latin1');
  }

  /** Neither a FIN nor an RST has come. */
  get isUntouched(): boolean {
    return this.finAt === undefined && this.error === undefined;
  }

  /** Bytes that the kernel has taken from it; counted when a whole `send` has been taken. */
  get taken(): number {
    return this.socket.bytesWritten - this.socket.writableLength;
  }

  send(data: Buffer | string): void {
    this.socket.write(data);
  }

  /** Sends in pieces, so that `taken` follows. */
  sendInPieces(data: Buffer, pieceBytes = 16_384): void {
    for (let from = 0; from < data.length; from += pieceBytes) {
      this.socket.write(data.subarray(from, from + pieceBytes));
    }
  }

  /** Sends FIN, after all that was sent before. */
  finish(): void {
    this.socket.end();
  }

  /** Sends RST; after the FIN if that is on its way, when libuv would refuse to (uv_tcp_close_reset, EINVAL). */
  reset(): void {
    const { socket } = this;
    if (socket.writableEnded && !socket.writableFinished) socket.once('finish', () => this.reset());
    else socket.resetAndDestroy();
  }

  /** Stops reading. Some 64 KiB may still be read into the socket's own buffer. */
  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  /** Waits for that text, or so many bytes, from the first byte on; more than that is a failure. */
  async receives(expected: string | number): Promise<Buffer> {
    const length = typeof expected === 'string' ? expected.length : expected;
    await until(
      () => `${length} bytes, got ${this.length} ${this.#end}`,
      () => this.length >= length || this.error !== undefined || this.finAt !== undefined,
    );
    const { bytes } = this;
    if (typeof expected === 'string') expect(bytes.toString('latin1')).toBe(expected);
    else expect(bytes).toHaveLength(expected);
    return bytes;
  }

  async seesFin(): Promise<void> {
    await until(
      () => `FIN ${this.#end}`,
      () => !this.isUntouched,
    );
    expect({ fin: this.finAt !== undefined, error: this.error }).toEqual({
      fin: true,
      error: undefined,
    });
  }

  async seesReset(): Promise<void> {
    await until(
      () => `RST ${this.#end}`,
      () => this.error !== undefined,
    );
    expect(this.error).toBe('ECONNRESET');
  }

  /** Nothing comes, neither byte nor FIN nor RST. */
  async seesNothingMore(milliseconds?: number): Promise<void> {
    const { length, finAt, error } = this;
    await stays(
      () => `silence, ${this.length - length} bytes came ${this.#end}`,
      () => this.length === length && this.finAt === finAt && this.error === error,
      milliseconds,
    );
  }

  get #end(): string {
    return `(FIN: ${this.finAt !== undefined}, error: ${this.error})`;
  }
}
