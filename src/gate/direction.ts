import type { Socket } from 'node:net';
import type { Budget } from './budget.ts';
import type { DirectionConfig } from './config.ts';
import type { Chunk } from './faults/fault.ts';
import { Fifo } from './fifo.ts';
import { Pipeline } from './pipeline.ts';
import type { How } from './schema.ts';

export interface DirectionOptions {
  readonly source: Socket;
  readonly sink: Socket;
  /** Milliseconds on a clock that never goes back. */
  readonly now: () => number;
  readonly random: (key: number) => number;
  readonly connectionBytes: number;
  readonly budget: Budget;
  /** A fault closes the connection. */
  close(how: How): void;
  /** The end of the stream was handed to the sink, after every byte. */
  onEnd(): void;
  onBytes(count: number): void;
  onInjected(fault: string): void;
  onDelayed(milliseconds: number): void;
}

/** Milliseconds between looks after a source that is not read. */
const LOOK_INTERVAL = 1_000;

const NOTHING = Buffer.alloc(0);

/**
 * One half of a connection: reads from one socket, and writes to the other what the faults leave of it.
 *
 *     source -> stage -> ... -> stage -> outlet -> sink
 *
 * Without stages the bytes go from socket to socket. Nothing is handed to a sink that has not drained, so
 * that whatever the gate still holds obeys the faults of the next change.
 */
export class Direction {
  readonly #options: DirectionOptions;
  #pipeline: Pipeline;
  /** Bytes past the faults that wait for the sink. */
  readonly #outlet = new Fifo<Chunk>();
  #outletBytes = 0;
  #sinkIsFull = false;
  #offset = 0;
  /** When the source ended (FIN). */
  #endedAt: number | undefined;
  /** The end has passed the faults, and waits for the bytes before it. */
  #endInOutlet = false;
  #isFinished = false;
  #isStopped = false;
  #lookout: NodeJS.Timeout | undefined;
  /** Bytes that are counted in the budget. */
  #counted = 0;

  constructor(options: DirectionOptions) {
    this.#options = options;
    this.#pipeline = this.#build(undefined);
  }

  /** Starts reading. The faults must be set before. */
  start(): void {
    const { source, sink } = this.#options;
    source.on('data', this.#onData);
    source.on('end', this.#onSourceEnd);
    sink.on('drain', this.#onDrain);
    // A source that sent nothing but its FIN may have ended before anybody listened.
    if (source.readableEnded) this.#onSourceEnd();
    this.#lookout = setInterval(this.#look, LOOK_INTERVAL);
    this.#regulate();
  }

  /**
   * Replaces the faults: what is held goes through the new ones from the first, in order and with the time of
   * its arrival. undefined means none.
   */
  setFaults(config: DirectionConfig | undefined): void {
    if (this.#isFinished || this.#isStopped) return;
    const held = this.#takeHeld();
    this.#endInOutlet = false;
    this.#pipeline = this.#build(config);
    for (const chunk of held) {
      // A fault may close the connection on what was held.
      if (this.#isStopped) return;
      this.#pipeline.push(chunk);
    }
    if (this.#endedAt !== undefined) this.#pipeline.end(this.#endedAt);
    this.#regulate();
  }

  /** Stops for good: what is held is discarded, and the source is no longer read. */
  stop(): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    clearInterval(this.#lookout);
    const { source, sink, budget } = this.#options;
    source.off('data', this.#onData);
    source.off('end', this.#onSourceEnd);
    sink.off('drain', this.#onDrain);
    this.#takeHeld();
    budget.add(-this.#counted);
    this.#counted = 0;
    budget.forget(this.#regulate);
  }

  /**
   * An RST is seen by those alone who read or write. A write of no bytes sends nothing, and fails after an RST:
   * a sender that gave up while it is not read, or after its FIN, is not held for good, nor are its bytes.
   */
  readonly #look = (): void => {
    const { source } = this.#options;
    const isRead = source.readableFlowing === true && this.#endedAt === undefined;
    if (!isRead && source.writable && source.writableLength === 0) source.write(NOTHING);
  };

  /** Bytes that were read and not written. */
  get #held(): number {
    return this.#outletBytes + this.#pipeline.held;
  }

  readonly #onData = (data: Buffer): void => {
    this.#options.onBytes(data.length);
    const offset = this.#offset;
    this.#offset += data.length;
    if (this.#pipeline.isEmpty && this.#outlet.isEmpty) this.#write(data);
    else this.#pipeline.push({ data, arrivedAt: this.#options.now(), offset });
    this.#regulate();
  };

  readonly #onSourceEnd = (): void => {
    this.#endedAt = this.#options.now();
    this.#pipeline.end(this.#endedAt);
    this.#regulate();
  };

  readonly #onDrain = (): void => {
    this.#sinkIsFull = false;
    this.#flush();
    this.#regulate();
  };

  #pass(chunk: Chunk): void {
    if (this.#isStopped) return;
    this.#outlet.push(chunk);
    this.#outletBytes += chunk.data.length;
    this.#flush();
  }

  #passEnd(): void {
    if (this.#isStopped) return;
    this.#endInOutlet = true;
    this.#flush();
  }

  #flush(): void {
    while (!this.#sinkIsFull) {
      const chunk = this.#outlet.shift();
      if (chunk === undefined) break;
      this.#outletBytes -= chunk.data.length;
      if (!this.#pipeline.isEmpty) {
        this.#options.onDelayed(this.#options.now() - chunk.arrivedAt);
      }
      this.#write(chunk.data);
    }
    // A FIN that waits in the socket behind unsent bytes could not be turned into a RST any more.
    const { sink, onEnd } = this.#options;
    const isFlushed = this.#outlet.isEmpty && sink.writableLength === 0;
    if (!this.#endInOutlet || !isFlushed || this.#isFinished) return;
    this.#isFinished = true;
    sink.end();
    onEnd();
  }

  #write(data: Buffer): void {
    this.#sinkIsFull = !this.#options.sink.write(data, this.#onWritten);
  }

  readonly #onWritten = (error?: Error | null): void => {
    if (this.#endInOutlet && !this.#isStopped && !error) this.#flush();
  };

  /** Everything that is held, oldest first; nothing is held afterwards. */
  #takeHeld(): Chunk[] {
    this.#outletBytes = 0;
    return this.#outlet.drain().concat(this.#pipeline.release());
  }

  #build(config: DirectionConfig | undefined): Pipeline {
    const { now, random, connectionBytes, close, onInjected } = this.#options;
    const after = (milliseconds: number, task: () => void) => {
      const timer = setTimeout(() => {
        task();
        this.#regulate();
      }, Math.ceil(milliseconds));
      return () => clearTimeout(timer);
    };
    return new Pipeline(
      config,
      { now, random, connectionBytes, close, after },
      {
        pass: (chunk) => this.#pass(chunk),
        passEnd: () => this.#passEnd(),
        injected: onInjected,
      },
    );
  }

  /** Reads on or stops reading, by what is held. An arrow function: the budget calls it back. */
  readonly #regulate = (): void => {
    if (this.#isStopped) return;
    const { source, budget } = this.#options;
    const held = this.#held;
    if (held !== this.#counted) {
      const change = held - this.#counted;
      this.#counted = held;
      budget.add(change);
    }
    if (this.#endedAt !== undefined) return;
    const isWithinBudget = held === 0 || !budget.isSpent;
    if (!isWithinBudget) budget.wait(this.#regulate);
    if (held < this.#window && isWithinBudget) {
      if (source.readableFlowing !== true) source.resume();
    } else if (source.readableFlowing !== false) source.pause();
  };

  /** Bytes that may be held before the source is no longer read. */
  get #window(): number {
    return this.#pipeline.window ?? (this.#sinkIsFull ? 0 : 1);
  }
}
