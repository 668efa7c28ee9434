import type { Socket } from 'node:net';
import type { Budget } from './budget.ts';
import type { Chunk, End } from './chunk.ts';
import { faultsOf } from './faults/configured.ts';
import { free, SMALLEST_READ } from './memory.ts';
import { Pipeline, type PipelineContext } from './pipeline.ts';
import { sizeReads } from './reads.ts';
import { ResetProbe } from './resetProbe.ts';
import type { Rules } from './rules.ts';
import { SinkWriter, type SinkWriterOptions } from './sinkWriter.ts';

/** Told of what happens in a direction, at once. */
export interface DirectionObserver {
  bytes(count: number): void;
  injected(fault: string): void;
  delayed(milliseconds: number): void;
}

export interface DirectionOptions
  extends PipelineContext,
    Pick<SinkWriterOptions, 'sink' | 'onEnd'> {
  readonly source: Socket;
  readonly budget: Budget;
  /** With whom it shares its turns when the budget is short: the gate. */
  readonly share: object;
  readonly observer: DirectionObserver;
  /** A fault has decided that the connection closes, behind the bytes that have passed it. */
  onClosing(): void;
}

/** Of the source. `Ended`: it has no more (FIN). `Stopped`: it is no longer read. Each only follows those before it. */
type Phase = 'Open' | 'Ended' | 'Stopped';

/** Of the budget, when it is short. `Waiting`: others go first. `Granted`: it reads once, whatever the budget says. */
type Turn = 'None' | 'Waiting' | 'Granted';

/** Bytes of memory of half a connection that holds nothing: its socket, and what is around it. */
const COST = 8_192;

/** Bytes that are made of others at once. */
const LARGEST_PIECE = 65_536;

/** Bytes that a turn is worth, when the budget is short. */
const TURN = 16_384;

/** What went through no fault, and is not touched by any. */
const NO_CHANGES: readonly string[] = [];

/**
 * One half of a connection: reads from one socket, and writes to the other what the faults leave of it.
 *
 *     source -> stage -> ... -> stage -> writer -> sink
 *
 * Without stages the bytes go from socket to socket.
 */
export class Direction {
  readonly #options: DirectionOptions;
  readonly #writer: SinkWriter;
  readonly #resetProbe: ResetProbe;
  /** undefined when no fault is set. */
  #pipeline: Pipeline | undefined;
  /** What was held when the faults changed and has not gone through the new ones yet, and what came behind it. */
  #heldOver: { readonly chunks: readonly Chunk[]; readonly end: End | undefined } | undefined;
  /** Position of the next byte in the stream. */
  #offset = 0;
  /** Where it was at the last look for undecided bytes. */
  #offsetLooked = -1;
  #phase: Phase = 'Open';
  /** Nothing that comes after it is passed on. */
  #end: End | undefined;
  /** More is to come before it is known whether to read on. */
  #isBusy = false;
  /** Memory of what is held that is counted in the budget, in bytes. */
  #counted = 0;
  /** Bytes that the next read takes at most. */
  #nextRead = SMALLEST_READ;
  /** Those of them that are counted in the budget. */
  #reserved = 0;
  #turn: Turn = 'None';

  constructor(options: DirectionOptions) {
    this.#options = options;
    const { source, sink, clock, observer, onEnd, close } = options;
    this.#resetProbe = new ResetProbe(source);
    this.#writer = new SinkWriter({
      sink,
      close,
      onEnd,
      onRoom: this.#regulate,
      onWrite: ({ arrivedAt }) => {
        if (this.#pipeline !== undefined) observer.delayed(clock.monotonic() - arrivedAt);
      },
    });
  }

  /** Bytes that were read and not written. */
  get held(): number {
    return this.#writer.bytes + (this.#pipeline?.held ?? 0);
  }

  /** Starts reading. The faults must be set before. */
  start(): void {
    const { source } = this.#options;
    source.on('data', this.#onData);
    source.on('end', this.#onSourceEnd);
    this.#writer.start();
    this.#reserve(COST);
    sizeReads(source, this.#sizeRead);
    // A source that sent nothing but its FIN may have ended before anybody listened.
    if (source.readableEnded) this.#onSourceEnd();
    this.#regulate();
  }

  /**
   * Replaces the faults; undefined means none. `refill` must follow, and nothing but the changes of other directions
   * come between.
   */
  setFaults(rules: Rules | undefined): void {
    if (this.#isStopped) return;
    this.#isBusy = true;
    this.#heldOver = { chunks: this.#takeHeld(), end: this.#unfinished };
    this.#end = undefined;
    this.#pipeline =
      rules !== undefined && faultsOf(rules.config).length > 0 ? this.#build(rules) : undefined;
  }

  /** What was held goes through the new faults from the first, in order and with the time of its arrival. */
  refill(): void {
    if (this.#heldOver === undefined) return;
    const { chunks, end } = this.#heldOver;
    for (const chunk of chunks) {
      // A fault may close the connection on what was held, at once or behind it.
      if (this.#isStopped) return;
      if (this.#end === undefined) this.#push(chunk);
    }
    if (end !== undefined && this.#end === undefined) this.#endWith(end);
    this.#heldOver = undefined;
    this.#isBusy = false;
    this.#regulate();
  }

  /** Held bytes that only more bytes, or the end, can release, if none have arrived since the last call. */
  undecidedBytes(): number {
    const isSilent = this.#offset === this.#offsetLooked;
    this.#offsetLooked = this.#offset;
    return isSilent ? (this.#pipeline?.undecided ?? 0) : 0;
  }

  /** Not one byte more reaches the sink, nor the end. It is still read, and its faults may close the connection. */
  seal(): void {
    this.#writer.seal();
    this.#regulate();
  }

  /** Stops permanently: held bytes are discarded, and the source is no longer read. */
  stop(): void {
    if (this.#isStopped) return;
    this.#phase = 'Stopped';
    this.#resetProbe.stop();
    const { source, budget } = this.#options;
    source.off('data', this.#onData);
    source.off('end', this.#onSourceEnd);
    for (const { data } of this.#takeHeld()) free(data);
    this.#writer.stop();
    this.#heldOver = undefined;
    sizeReads(source, undefined);
    budget.forget(this.#options.share, this.#takeTurn);
    this.#count(0);
    this.#reserve(0);
  }

  get #isStopped(): boolean {
    return this.#phase === 'Stopped';
  }

  /** The end, unless it has gone through; a close has not until the connection is closed. */
  get #unfinished(): End | undefined {
    return this.#writer.isFinished && this.#end?.close === undefined ? undefined : this.#end;
  }

  readonly #onData = (data: Buffer): void => {
    this.#options.observer.bytes(data.length);
    const offset = this.#offset;
    this.#offset += data.length;
    this.#turn = 'None';
    if (this.#end !== undefined) {
      free(data);
      return;
    }
    if (this.#pipeline === undefined && this.#writer.isClear) this.#writer.write(data);
    else {
      const arrivedAt = this.#options.clock.monotonic();
      this.#isBusy = true;
      this.#push({ data, arrivedAt, offset, changedBy: NO_CHANGES });
      this.#isBusy = false;
    }
    this.#regulate();
  };

  readonly #onSourceEnd = (): void => {
    this.#phase = 'Ended';
    this.#resetProbe.start();
    if (this.#end !== undefined) return;
    this.#endWith({ arrivedAt: this.#options.clock.monotonic(), close: undefined });
    this.#regulate();
  };

  #push(chunk: Chunk): void {
    if (this.#pipeline === undefined) this.#writer.push(chunk);
    else this.#pipeline.push(chunk);
  }

  #endWith(end: End): void {
    this.#end = end;
    if (this.#pipeline === undefined) this.#writer.end(end);
    else this.#pipeline.end(end);
  }

  /** Everything that is held, oldest first; nothing is held afterwards. */
  #takeHeld(): Chunk[] {
    return this.#writer.take().concat(this.#pipeline?.release() ?? []);
  }

  #build(rules: Rules): Pipeline {
    return new Pipeline(rules, this.#options, {
      pass: (chunk) => {
        this.#writer.push(chunk);
        this.#regulate();
      },
      end: (end) => this.#writer.end(end),
      closing: (end) => {
        this.#end = end;
        // A close is on its way already if this direction is sealed, behind bytes of the other.
        if (!this.#writer.isSealed) this.#options.onClosing();
      },
      waiting: () => this.#writer.bytes,
      allowance: () => this.#allowance(),
      isShort: () => this.#options.budget.isShort,
      injected: this.#options.observer.injected,
      run: (task) => {
        this.#isBusy = true;
        task();
        this.#isBusy = false;
        this.#regulate();
      },
    });
  }

  /** Reads on or stops reading, by what is held. An arrow function: others call it back. */
  readonly #regulate = (): void => {
    if (this.#isStopped || this.#isBusy) return;
    const { source, budget, share } = this.#options;
    this.#isBusy = true;
    this.#pipeline?.goOn();
    this.#isBusy = false;
    if (this.#isStopped) return;
    const { held } = this;
    this.#count(this.#writer.cost + (this.#pipeline?.cost ?? 0));
    this.#turn = this.#nextTurn(held);
    if (this.#turn === 'Waiting') {
      if (this.#relent()) {
        this.#regulate();
        return;
      }
      budget.wait(share, this.#takeTurn);
    }
    if (this.#phase === 'Ended') return;
    const isReading = held - this.#writer.inSink < this.#window && this.#turn !== 'Waiting';
    if (isReading) {
      if (source.readableFlowing !== true) source.resume();
    } else {
      if (source.readableFlowing !== false) source.pause();
      this.#resetProbe.start();
    }
    this.#reserve(this.#standing(isReading));
  };

  /** Bytes that may be held, besides what the sink has, before the source is no longer read. */
  get #window(): number {
    return this.#pipeline?.window ?? (this.#writer.inSink > 0 ? 0 : 1);
  }

  /** Others go first where memory is short, unless a turn is granted or it cannot go on without more bytes. */
  #nextTurn(held: number): Turn {
    if (this.#turn === 'Granted') return 'Granted';
    if (held === 0 || !this.#options.budget.isShort) return 'None';
    const needsMore =
      held === this.#pipeline?.undecided || this.#window === Number.POSITIVE_INFINITY;
    return needsMore ? 'None' : 'Waiting';
  }

  #relent(): boolean {
    this.#isBusy = true;
    const hasRelented = this.#pipeline?.relent() ?? false;
    this.#isBusy = false;
    return hasRelented;
  }

  /** Bytes that may be made of others now. */
  #allowance(): number {
    const { budget } = this.#options;
    if (budget.isShort && this.#turn !== 'Granted') return 0;
    this.#turn = 'None';
    return Math.min(LARGEST_PIECE, budget.readSize(true));
  }

  readonly #takeTurn = (): void => {
    this.#turn = 'Granted';
    this.#regulate();
  };

  /** It is asked after what came in the last read has gone its way. */
  readonly #sizeRead = (wasFull: boolean): number => {
    const { source, budget } = this.#options;
    const isReading = source.readableFlowing === true;
    this.#reserve(COST);
    this.#nextRead = this.#turn === 'Waiting' ? TURN : budget.readSize(isReading && wasFull);
    this.#reserve(this.#standing(isReading));
    return this.#nextRead;
  };

  /** A small read is part of the cost of a connection; a direction that waits for the budget reserves nothing before its turn. */
  #standing(isReading: boolean): number {
    const isFree = !isReading && this.#nextRead <= TURN;
    return COST + (isFree ? 0 : this.#nextRead - SMALLEST_READ);
  }

  #count(cost: number): void {
    const change = cost - this.#counted;
    if (change === 0) return;
    this.#counted = cost;
    this.#options.budget.hold(change);
  }

  #reserve(bytes: number): void {
    const change = bytes - this.#reserved;
    if (change === 0) return;
    this.#reserved = bytes;
    this.#options.budget.reserve(change);
  }
}
