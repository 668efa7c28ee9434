import type { How } from './schema.ts';

/** A run of bytes on its way through a direction. */
export interface Chunk {
  readonly data: Buffer;
  /** When it came, in milliseconds of the gate's clock. Kept when the faults change. */
  readonly arrivedAt: number;
  /**
   * Position of its first byte in the direction's stream, from 0. Depends on the bytes alone and not on how they
   * were cut. Behind a fault that changes lengths: counts on by the bytes which that fault has passed.
   */
  readonly offset: number;
  /** Faults with `changesBytes` that it has passed: it goes by them when it meets them again. */
  readonly changedBy: readonly string[];
}

/**
 * Bytes of memory that a chunk takes in addition to its data: objects, numbers, and allocator overhead. Measured with tiny
 * messages under a delay: 270.
 */
export const CHUNK_COST = 300;

/** What comes behind the last byte of a direction. */
export interface End {
  /** When the sender ended, or when the byte came that made a fault close the connection. */
  readonly arrivedAt: number;
  /** How the gate closes the connection here; undefined when the sender has ended (FIN). */
  readonly close: How | undefined;
}

/** Some bytes of a chunk, without a copy; `end` is exclusive. */
export function partOf(chunk: Chunk, start: number, end = chunk.data.length): Chunk {
  return { ...chunk, data: chunk.data.subarray(start, end), offset: chunk.offset + start };
}
