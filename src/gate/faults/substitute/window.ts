import { CHUNK_COST, type Chunk, partOf } from '../../chunk.ts';
import { Fifo } from '../../fifo.ts';
import { free } from '../../memory.ts';
import { type Neighbour, neighbourOf } from './conditions.ts';

const EMPTY: Buffer = Buffer.alloc(0);

interface Entry {
  readonly chunk: Chunk;
  /** Position of its first byte. */
  readonly start: number;
}

/** The bytes of a stream that have come and not gone yet, in one piece. Positions count from the stream's first byte. */
export class Window {
  /** What came, with what is gone of it; nothing when all is gone, so that an idle connection keeps no memory. */
  bytes = EMPTY;
  /** Position of the first of `bytes`. */
  base = 0;
  /** Position of the first byte that is not gone. */
  start = 0;
  readonly #chunks = new Fifo<Entry>();
  /** What `bytes` is the beginning of, when it is our own; there may be room behind. */
  #store: Buffer | undefined;
  /** The byte before `base`; undefined when there was none or it is not known. */
  #previous: number | undefined;
  #hasBegun = false;

  /** Position behind the last byte. */
  get end(): number {
    return this.base + this.bytes.length;
  }

  get length(): number {
    return this.end - this.start;
  }

  /** Memory that they take, in bytes: what is gone of a chunk is still there, and a store is there besides. */
  get cost(): number {
    return this.bytes.length + (this.#store?.length ?? 0) + CHUNK_COST * this.#chunks.length;
  }

  push(chunk: Chunk): void {
    if (!this.#hasBegun) {
      this.#hasBegun = true;
      this.base = chunk.offset;
      this.start = chunk.offset;
    }
    this.#chunks.push({ chunk, start: this.end });
    if (this.bytes.length === 0) this.bytes = chunk.data;
    else this.#append(chunk.data);
  }

  /** Passes what is before a position, in the pieces in which it arrived. */
  take(until: number): Chunk[] {
    const taken: Chunk[] = [];
    while (this.start < until) {
      const head = this.#chunks.head;
      if (head === undefined) break;
      const from = this.start - head.start;
      taken.push(partOf(head.chunk, from, from + this.#leave(until, head)));
    }
    return taken;
  }

  /** The same, when nobody wants it; returns when the last of it came. */
  drop(until: number): number | undefined {
    let arrivedAt: number | undefined;
    while (this.start < until) {
      const head = this.#chunks.head;
      if (head === undefined) break;
      arrivedAt = head.chunk.arrivedAt;
      const from = this.start - head.start;
      const count = this.#leave(until, head);
      free(head.chunk.data.subarray(from, from + count));
    }
    return arrivedAt;
  }

  /** What is before a position that is not gone yet, or only just; `edge` at the start of the stream. */
  before(position: number): Neighbour {
    if (position === 0 && this.#hasBegun) return 'edge';
    const byte = position === this.base ? this.#previous : this.bytes[position - this.base - 1];
    // After a change of faults in mid-stream it is not known.
    return byte === undefined ? 'other' : neighbourOf(byte);
  }

  slice(start: number, end: number): Buffer {
    return this.bytes.subarray(start - this.base, end - this.base);
  }

  #leave(until: number, { chunk, start }: Entry): number {
    const end = start + chunk.data.length;
    const count = Math.min(until, end) - this.start;
    this.start += count;
    if (this.start === end) this.#chunks.shift();
    if (this.start === this.end) this.#empty();
    return count;
  }

  #empty(): void {
    this.#previous = this.bytes.at(-1);
    this.base = this.end;
    this.bytes = EMPTY;
    this.#store = undefined;
  }

  /** Copies each byte a bounded number of times, however small the chunks are that come behind a long one. */
  #append(data: Buffer): void {
    const length = this.bytes.length + data.length;
    const store =
      this.#store !== undefined && length <= this.#store.length ? this.#store : this.#grow(data);
    data.copy(store, this.bytes.length);
    this.bytes = store.subarray(0, this.bytes.length + data.length);
  }

  #grow({ length }: Buffer): Buffer {
    const kept = this.slice(this.start, this.end);
    const store = Buffer.allocUnsafeSlow(Math.max(2 * kept.length, kept.length + length));
    kept.copy(store);
    if (this.start > this.base) this.#previous = this.bytes[this.start - this.base - 1];
    this.base = this.start;
    this.bytes = store.subarray(0, kept.length);
    this.#store = store;
    return store;
  }
}
