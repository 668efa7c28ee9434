import type { MonotonicClock } from '../time/clock.ts';

/** A sender with bytes to send at a limited rate. */
export interface Sender {
  /** Bytes that wait. */
  readonly waiting: number;
  /** Sends exactly this many bytes. */
  send(bytes: number): void;
}

/** What is on the link. */
interface Piece {
  readonly sender: Sender;
  size: number;
}

/** That each sender gets on the link, if it has the bytes and the rate is high enough. */
export const PIECES_PER_SECOND = 20;

/** This many senders get 20 pieces a second each; with more, turns are less frequent, because each piece is a write. */
const SENDERS = 1_000;

/** Bytes. */
const LARGEST_PIECE = 65_536;

/** Milliseconds without a byte that are no pause: the loop may have been late to read. */
const LATE_READ = 20;

/** Milliseconds by which a timer may be late and what was missed is still made up for. */
const LATENESS = 500;

/**
 * A link of a limited rate that its senders take in turn, a piece each. A piece leaves when the link has carried
 * its last byte. Computed from when the link was free and not from when a timer fired, so that late timers cost
 * nothing.
 */
export class Pacer {
  readonly #clock: MonotonicClock;
  readonly #bytesPerSecond: number;
  readonly #bytesPerMillisecond: number;
  readonly #burstTime: number;
  /** In the order of their turns. */
  readonly #queue = new Set<Sender>();
  #current: Piece | undefined;
  #isRunning = false;
  /** When the link has carried all pieces so far. */
  #freeAt = Number.NEGATIVE_INFINITY;
  /** Pieces that are due at once leave as one, the same number of each sender until all have had their turn. */
  #pieces = 1;
  #turns = 0;
  #cancelTimer = () => {};

  /** @param burstBytes maximum size of a burst after a pause */
  constructor(clock: MonotonicClock, bytesPerSecond: number, burstBytes: number) {
    this.#clock = clock;
    this.#bytesPerSecond = bytesPerSecond;
    this.#bytesPerMillisecond = bytesPerSecond / 1_000;
    this.#burstTime = burstBytes / this.#bytesPerMillisecond;
  }

  /** The sender has bytes and did not have any. It may be called back at once. */
  enter(sender: Sender): void {
    this.#queue.add(sender);
    if (this.#isRunning) return;
    const isPause = this.#clock.monotonic() - this.#freeAt > LATE_READ;
    if (this.#current === undefined) this.#take(isPause ? this.#burstTime : this.#lateness);
    else this.#shorten(this.#current);
    this.#run();
  }

  /** The sender has nothing more to send. */
  leave(sender: Sender): void {
    this.#queue.delete(sender);
    if (this.#current?.sender !== sender) return;
    // What was to be carried of its piece is not.
    this.#freeAt = Math.min(this.#freeAt, this.#clock.monotonic());
    this.#cancelTimer();
    this.#take(this.#lateness);
    this.#run();
  }

  /** Puts the next piece on the link, starting when the link became free, but not earlier than this. */
  #take(credit: number): void {
    this.#current = undefined;
    const [sender] = this.#queue;
    if (sender === undefined) return;
    const now = this.#clock.monotonic();
    const start = Math.max(this.#freeAt, now - credit);
    const size = Math.min(sender.waiting, this.#dueSize((now - start) * this.#bytesPerMillisecond));
    this.#queue.delete(sender);
    this.#current = { sender, size };
    this.#freeAt = start + size / this.#bytesPerMillisecond;
  }

  /** One more wants to send: anyone who came when there were fewer must not have more than its share. */
  #shorten(piece: Piece): void {
    const rest = (this.#freeAt - this.#clock.monotonic()) * this.#bytesPerMillisecond;
    const carried = Math.ceil(piece.size - rest);
    const size = Math.min(piece.size, Math.max(carried, this.#pieceSize));
    this.#freeAt -= (piece.size - size) / this.#bytesPerMillisecond;
    piece.size = size;
    this.#cancelTimer();
  }

  #run(): void {
    this.#isRunning = true;
    while (this.#current !== undefined) {
      const wait = this.#freeAt - this.#clock.monotonic();
      if (wait > 0) {
        this.#cancelTimer = this.#clock.after(wait, () => this.#run());
        break;
      }
      const { sender, size } = this.#current;
      this.#current = undefined;
      if (sender.waiting > size) this.#queue.add(sender);
      sender.send(size);
      this.#take(this.#lateness);
    }
    this.#isRunning = false;
  }

  /** How far back the link may go on from where it stopped. */
  get #lateness(): number {
    return Math.max(this.#burstTime, LATENESS);
  }

  /** Bytes sent together when the link could have carried that many by now: a burst is not one write per byte. */
  #dueSize(carried: number): number {
    const size = this.#pieceSize;
    if (this.#turns === 0) this.#pieces = Math.max(1, Math.floor(carried / size / this.#senders));
    this.#turns = Math.min(this.#turns || this.#senders, this.#senders) - 1;
    return Math.max(size, Math.min(size * this.#pieces, LARGEST_PIECE));
  }

  /** For each of those that send. */
  get #pieceSize(): number {
    const pieces = PIECES_PER_SECOND * Math.min(SENDERS, this.#senders);
    const share = Math.floor(this.#bytesPerSecond / pieces);
    return Math.min(LARGEST_PIECE, Math.max(1, share));
  }

  get #senders(): number {
    return this.#queue.size + (this.#current === undefined ? 0 : 1);
  }
}
