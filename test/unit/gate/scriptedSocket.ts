import { Duplex } from 'node:stream';

/**
 * A socket without a kernel: Node's own stream, with a handle that is read and written step by step. As net.Socket with
 * `onread` does, it stops the handle when it is paused or its buffer is full, and starts it when it is resumed or read.
 */
export class ScriptedSocket extends Duplex {
  readonly #incoming: (Buffer | null)[] = [];
  #isReading = false;
  #isBlocked = false;
  #unwritten: { readonly data: Buffer; readonly done: () => void }[] = [];
  readonly written: Buffer[] = [];

  /** @param highWaterMark of its buffers, in bytes */
  constructor(highWaterMark: number) {
    super({ allowHalfOpen: true, highWaterMark });
    // As a client of a gate: taken, and not read yet.
    this.pause();
  }

  /** The other end sends bytes, or FIN. */
  receive(data: Buffer | null): void {
    this.#incoming.push(data);
  }

  /** Bytes that were sent and that nobody has got. */
  get unread(): number {
    return this.#incoming.reduce((sum, data) => sum + (data?.length ?? 0), this.readableLength);
  }

  /** One read of the handle, if it is read and there is something; tells whether there was. */
  poll(): boolean {
    if (!this.#isReading || this.destroyed) return false;
    const data = this.#incoming.shift();
    if (data === undefined) return false;
    // Bytes that were read are the gate's, which frees their memory.
    if (!this.push(data === null ? null : Buffer.from(data))) this.#isReading = false;
    return true;
  }

  /** The other end does not read: what is written stays. */
  block(): void {
    this.#isBlocked = true;
  }

  unblock(): void {
    this.#isBlocked = false;
    for (const { data, done } of this.#unwritten.splice(0)) this.#take(data, done);
  }

  resetAndDestroy(): void {
    this.destroy();
  }

  override pause(): this {
    this.#isReading = false;
    return super.pause();
  }

  override resume(): this {
    this.#isReading = true;
    return super.resume();
  }

  override read(size?: number): unknown {
    this.#isReading = true;
    return super.read(size);
  }

  override _read(): void {
    this.#isReading = true;
  }

  override _write(data: Buffer, _: BufferEncoding, done: () => void): void {
    if (this.#isBlocked) this.#unwritten.push({ data, done });
    else this.#take(data, done);
  }

  #take(data: Buffer, done: () => void): void {
    this.written.push(Buffer.from(data));
    done();
  }
}
