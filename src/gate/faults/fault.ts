import type { z } from 'zod';
import type { How } from '../schema.ts';

/** A run of bytes as it came from a socket. */
export interface Chunk {
  readonly data: Buffer;
  /** When it came, in milliseconds of the gate's clock. Kept when the faults change. */
  readonly arrivedAt: number;
  /** Position of its first byte in the direction's stream, from 0. */
  readonly offset: number;
}

/** What a stage may use of the direction it stands in. */
export interface StageContext {
  /** Milliseconds on a clock that never goes back. */
  now(): number;
  /** Runs `task` once, `milliseconds` from now or at most 1 ms later on an idle loop; returns what cancels it. */
  after(milliseconds: number, task: () => void): () => void;
  /** A number in [0, 1) that depends on the gate's seed, the connection, the direction and `key` alone. */
  random(key: number): number;
  /** The bound on the bytes that one direction may hold, backpressure past it. */
  readonly connectionBytes: number;
  /** Passes bytes on to the next stage, or to the socket. */
  pass(chunk: Chunk): void;
  /** Passes the end of the stream (FIN) on. */
  passEnd(arrivedAt: number): void;
  /** Closes both sockets of the connection; what is held is discarded. */
  close(how: How): void;
}

/** One fault at work on one direction of one connection. Made anew whenever that direction's faults change. */
export interface Stage {
  push(chunk: Chunk): void;
  /** The sender has no more bytes (FIN); comes once, after the last `push`. */
  end(arrivedAt: number): void;
  /** Stops the stage for good and hands over the bytes that it held, oldest first. */
  release(): Chunk[];
  /** Bytes that it holds now. */
  readonly held: number;
  /**
   * Bytes that may be held before the gate stops reading from the sender; 0 stops it at once,
   * undefined leaves it to the other stages.
   */
  readonly window?: number;
}

/** All there is to know about a fault. */
export interface Fault<S extends z.ZodType = z.ZodType> {
  /** What its field takes, with a description for `kubectl explain`. */
  readonly schema: S;
  /** Its text in `kubectl get`, for instance `delay 300ms`. */
  describe(settings: z.output<S>): string;
  stage(settings: z.output<S>, context: StageContext): Stage;
}

/** Lets the compiler infer the settings from the schema. */
export function defineFault<S extends z.ZodType>(fault: Fault<S>): Fault<S> {
  return fault;
}
