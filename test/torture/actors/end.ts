import type { Socket } from 'node:net';
import { bytesAt } from '../model/pattern.ts';
import type { Receiver } from '../model/receiver.ts';
import type { SentStream } from '../model/sentStream.ts';
import type { Script } from './script.ts';

/** Bytes of the last write of an end that is to be heard: enough to be recognised behind a gap. */
const PROBE = 64;

export interface EndOptions {
  readonly socket: Socket;
  readonly script: Script;
  readonly stream: SentStream;
  readonly receiver: Receiver;
  /** Monotonic milliseconds. */
  now(): number;
  /** The other end's FIN. */
  onFin(): void;
  /** It is about to reset the connection. */
  onReset(): void;
  /** It is over: by FINs of both, or by the error with that code. */
  onClose(error: string | undefined): void;
}

/** One end of a connection: it sends, reads and leaves as its script says. */
export class End {
  readonly stream: SentStream;
  readonly receiver: Receiver;
  readonly #options: EndOptions;
  #timer: NodeJS.Timeout | undefined;
  #error: string | undefined;
  #readSincePause = 0;
  #isCalm = false;
  #isClosed = false;
  #hasSeenFin = false;

  constructor(options: EndOptions) {
    this.#options = options;
    this.stream = options.stream;
    this.receiver = options.receiver;
    const { socket } = options;
    socket.setNoDelay(true);
    socket.on('data', (data) => this.#read(data));
    socket.on('end', () => {
      this.#hasSeenFin = true;
      options.onFin();
      // One that would stay has nobody to stay for.
      if (this.#isCalm || options.script.ending === 'stay') this.finish();
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      this.#error = error.code ?? error.message;
    });
    socket.on('close', () => {
      this.#isClosed = true;
      clearTimeout(this.#timer);
      options.onClose(this.#error);
    });
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** The other end has said that it sends no more. */
  get hasSeenFin(): boolean {
    return this.#hasSeenFin;
  }

  /** Sends what the script says. */
  start(): void {
    const { script, socket } = this.#options;
    if (this.#isCalm || this.stream.hasFinished || socket.destroyed) return;
    const left = script.totalBytes - this.stream.sent;
    if (left <= 0) {
      this.#leave();
      return;
    }
    const next = () => {
      this.#timer = setTimeout(() => this.start(), script.pauseMilliseconds);
    };
    if (this.#write(Math.min(left, script.writeBytes))) next();
    else socket.once('drain', next);
  }

  /** Sends no more by itself, and reads as fast as it can. */
  calm(): void {
    this.#isCalm = true;
    clearTimeout(this.#timer);
    this.#options.socket.resume();
  }

  /** Goes on as its script says. */
  rouse(): void {
    if (!this.#isCalm) return;
    this.#isCalm = false;
    this.start();
  }

  /** Sends a little more, by which one can see that all before has come through. */
  probe(): void {
    if (!this.stream.hasFinished && !this.#options.socket.destroyed) this.#write(PROBE);
  }

  finish(): void {
    if (this.stream.hasFinished) return;
    clearTimeout(this.#timer);
    this.stream.hasFinished = true;
    this.#options.socket.end();
  }

  reset(): void {
    if (this.#isClosed) return;
    this.stream.isAbandoned = true;
    this.#options.onReset();
    this.#options.socket.resetAndDestroy();
  }

  #leave(): void {
    const { ending } = this.#options.script;
    if (ending === 'finish') this.finish();
    else if (ending === 'reset') this.reset();
  }

  #write(bytes: number): boolean {
    const { socket, now } = this.#options;
    const data = bytesAt(this.stream.id, this.stream.sent, bytes);
    this.stream.wrote(bytes, now());
    return socket.write(data);
  }

  #read(data: Buffer): void {
    this.receiver.take(data);
    const { reads } = this.#options.script;
    if (reads === undefined || this.#isCalm) return;
    this.#readSincePause += data.length;
    if (this.#readSincePause < reads.bytes) return;
    this.#readSincePause = 0;
    this.#options.socket.pause();
    // `calm` makes it read before that.
    setTimeout(() => this.#options.socket.resume(), reads.pauseMilliseconds).unref();
  }
}
