import { CHUNK_COST, type Chunk, partOf } from './chunk.ts';
import { Fifo } from './fifo.ts';
import { mergeChunks } from './mergeChunks.ts';

/** Bytes that wait, and leave in other pieces than they came in. */
export class Queue {
  readonly #chunks = new Fifo<Chunk>();
  /** Bytes of the first chunk that have left. */
  #gone = 0;
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  /** Memory that it takes, in bytes: what has left of the first chunk is still there. */
  get cost(): number {
    return this.#bytes + this.#gone + CHUNK_COST * this.#chunks.length;
  }

  /** Position of the first byte in the direction's stream; undefined when there is none. */
  get offset(): number | undefined {
    const first = this.#chunks.head;
    return first === undefined ? undefined : first.offset + this.#gone;
  }

  push(chunk: Chunk): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.data.length;
  }

  /** Takes this many bytes, or all if there are fewer: in one chunk unless they passed different faults. */
  take(bytes: number): Chunk[] {
    const parts: Chunk[] = [];
    let room = bytes;
    for (let head = this.#chunks.head; head !== undefined && room > 0; head = this.#chunks.head) {
      const part = partOf(head, this.#gone, Math.min(this.#gone + room, head.data.length));
      parts.push(part);
      room -= part.data.length;
      this.#gone += part.data.length;
      if (this.#gone < head.data.length) break;
      this.#chunks.shift();
      this.#gone = 0;
    }
    this.#bytes -= bytes - room;
    return mergeChunks(parts);
  }

  /** All chunks as they came, less what has left; the queue is empty afterwards. */
  drain(): Chunk[] {
    const [first, ...rest] = this.#chunks.drain();
    const chunks = first === undefined ? [] : [partOf(first, this.#gone), ...rest];
    this.#gone = 0;
    this.#bytes = 0;
    return chunks;
  }
}
