import type { Socket } from 'node:net';
import { CHUNK_COST, type Chunk, type End } from './chunk.ts';
import { whenAcknowledged, whenWritten } from './delivery.ts';
import { Fifo } from './fifo.ts';
import { free } from './memory.ts';
import type { How } from './schema.ts';

export interface SinkWriterOptions {
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
export class SinkWriter {
  readonly #options: SinkWriterOptions;
  readonly #waiting = new Fifo<Chunk>();
  #phase: Phase = 'Open';
  #bytes = 0;
  /** What the sink was given last, until it has written all of it. */
  #unwritten: Buffer | undefined;
  /** Waits for the bytes before it. */
  #end: End | undefined;

  constructor(options: SinkWriterOptions) {
    this.#options = options;
  }

  /** Bytes that wait, here or in the sink. */
  get bytes(): number {
    return this.#bytes + this.inSink;
  }

  /** Those of them that the sink has: the faults of the next change do not reach them. */
  get inSink(): number {
    // What is discarded does not wait for the sink.
    return this.#phase === 'Sealed' ? 0 : (this.#unwritten?.length ?? 0);
  }

  /** Memory that they take, in bytes. */
  get cost(): number {
    const chunks = this.#waiting.length + (this.inSink === 0 ? 0 : 1);
    return this.bytes + CHUNK_COST * chunks;
  }

  /** Nothing waits, and bytes may be written to the sink. */
  get isClear(): boolean {
    return this.#phase === 'Open' && this.#waiting.isEmpty && this.#unwritten === undefined;
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

  /** Writes bytes to the sink, which must be clear. The caller must no longer use them. */
  write(data: Buffer): void {
    const { sink } = this.#options;
    const isBelowMark = sink.write(data);
    if (sink.writableLength === 0) {
      free(data);
      return;
    }
    this.#unwritten = data;
    // 'drain' is emitted only for writes above the high-water mark.
    if (isBelowMark) whenWritten(sink, this.#onDrain);
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

  /** Nothing passes any longer, neither bytes nor the end: waiting and new bytes are discarded. */
  seal(): void {
    for (const { data } of this.take()) free(data);
    this.#phase = 'Sealed';
  }

  stop(): void {
    this.seal();
    this.#options.sink.off('drain', this.#onDrain);
  }

  readonly #onDrain = (): void => {
    // It may be about an earlier write.
    if (this.#options.sink.writableLength > 0) return;
    if (this.#unwritten !== undefined) free(this.#unwritten);
    this.#unwritten = undefined;
    this.#flush();
    this.#options.onRoom();
  };

  #flush(): void {
    while (this.#unwritten === undefined) {
      const chunk = this.#waiting.shift();
      if (chunk === undefined) break;
      this.#bytes -= chunk.data.length;
      this.#options.onWrite(chunk);
      this.write(chunk.data);
    }
    // A FIN that waits in the socket behind unsent bytes could no longer be turned into a RST.
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
