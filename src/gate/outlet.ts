import type { Socket } from 'node:net';
import type { Chunk, End } from './chunk.ts';
import { whenAcknowledged, whenWritten } from './delivery.ts';
import { Fifo } from './fifo.ts';
import { free } from './memory.ts';
import type { How } from './schema.ts';

export interface OutletOptions {
  readonly sink: Socket;
  /** The sink takes more again. */
  onRoom(): void;
  /** A chunk that waited is written. */
  onWrite(chunk: Chunk): void;
  /** The end of the stream was handed to the sink, after every byte. */
  onEnd(): void;
  /** The connection is to be closed, after every byte. */
  close(how: How): void;
}

/**
 * `Open` takes bytes. `Finished`: the sink has been given the end. `Closing`: every byte was written, the close comes when
 * the other end has them. `Sealed`: whatever comes is discarded. Each only follows those
 * before it.
 */
type Phase = 'Open' | 'Finished' | 'Closing' | 'Sealed';

/**
 * Where bytes are past the faults, and wait for the sink. Nothing is handed to a sink that has not drained, so
 * that whatever the gate still holds obeys the faults of the next change.
 */
export class Outlet {
  readonly #options: OutletOptions;
  readonly #waiting = new Fifo<Chunk>();
  #phase: Phase = 'Open';
  #bytes = 0;
  #isFull = false;
  /** What the sink was given when it was full, until it has drained. */
  #unwritten: Buffer[] = [];
  /** Waits for the bytes before it. */
  #end: End | undefined;

  constructor(options: OutletOptions) {
    this.#options = options;
  }

  /** Bytes that wait. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Nothing waits, and bytes may be written to the sink. */
  get isClear(): boolean {
    return this.#phase === 'Open' && this.#waiting.isEmpty;
  }

  /** The sink has not drained; what is discarded has no need of it. */
  get isFull(): boolean {
    return this.#isFull && this.#phase !== 'Sealed';
  }

  /** The end of the stream was handed to the sink. */
  get isFinished(): boolean {
    return this.#phase === 'Finished';
  }

  get isSealed(): boolean {
    return this.#phase === 'Sealed';
  }

  start(): void {
    this.#options.sink.on('drain', this.#onDrain);
  }

  /** Hands bytes to the sink; it must be clear. Whoever passed them has let go of them. */
  write(data: Buffer): void {
    const { sink } = this.#options;
    const isBelowMark = sink.write(data);
    const isTaken = sink.writableLength === 0;
    // A large write counts as above the mark even if the kernel has taken all of it at once.
    this.#isFull = !isBelowMark && !isTaken;
    if (isTaken) free(data);
    else if (this.#isFull) this.#unwritten.push(data);
  }

  /** Behind the end it is discarded. */
  push(chunk: Chunk): void {
    if (this.#phase !== 'Open' || this.#end !== undefined) {
      free(chunk.data);
      return;
    }
    this.#waiting.push(chunk);
    this.#bytes += chunk.data.length;
    this.#flush();
  }

  end(end: End): void {
    if (this.isSealed) return;
    this.#end = end;
    this.#flush();
  }

  /** Hands back what waits, oldest first, and forgets the end. */
  take(): Chunk[] {
    this.#end = undefined;
    this.#bytes = 0;
    return this.#waiting.drain();
  }

  /** Nothing passes any more, neither a byte nor the end: what waits and what comes is discarded. */
  seal(): void {
    for (const { data } of this.take()) free(data);
    this.#phase = 'Sealed';
  }

  stop(): void {
    this.seal();
    this.#options.sink.off('drain', this.#onDrain);
  }

  readonly #onDrain = (): void => {
    this.#isFull = false;
    for (const data of this.#unwritten) free(data);
    this.#unwritten = [];
    this.#flush();
    this.#options.onRoom();
  };

  #flush(): void {
    while (!this.#isFull) {
      const chunk = this.#waiting.shift();
      if (chunk === undefined) break;
      this.#bytes -= chunk.data.length;
      this.#options.onWrite(chunk);
      this.write(chunk.data);
    }
    // A FIN that waits in the socket behind unsent bytes could not be turned into a RST any more.
    if (this.#end !== undefined && this.#waiting.isEmpty) {
      whenWritten(this.#options.sink, this.#onWritten);
    }
  }

  /** The faults may have changed since: then the end has not come yet, or there are bytes again. */
  readonly #onWritten = (): void => {
    if (this.#end === undefined || !this.#waiting.isEmpty) return;
    const { close } = this.#end;
    if (close === undefined && this.#phase === 'Open') this.#finish();
    // A fault may close the connection after the sender's FIN.
    else if (close !== undefined && this.#phase !== 'Closing') this.#closeBehindBytes(close);
  };

  #finish(): void {
    this.#phase = 'Finished';
    this.#options.sink.end();
    this.#options.onEnd();
  }

  #closeBehindBytes(how: How): void {
    this.#phase = 'Closing';
    const { sink, close } = this.#options;
    // A FIN waits its turn in the kernel, an RST does not.
    if (how === 'Reset') whenAcknowledged(sink, () => close(how));
    else close(how);
  }
}
