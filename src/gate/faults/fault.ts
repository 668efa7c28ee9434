import type { z } from 'zod';
import type { MonotonicClock } from '../../time/clock.ts';
import type { Chunk, End } from '../chunk.ts';
import type { DirectionName } from '../directionName.ts';
import type { How } from '../schema.ts';

/** What the direction provides to a stage. Its timers end with the stage. */
export interface StageContext extends MonotonicClock {
  /** A number in [0, 1) that depends only on the gate's seed, the connection, the direction, the fault and `key`. */
  random(key: number): number;
  /** When the connection was opened, on the same clock. */
  readonly openedAt: number;
  /** Maximum number of bytes that one direction may hold; backpressure beyond it. */
  readonly connectionBytes: number;
  /**
   * State that this fault shares among all connections of the gate in this direction. Created by the first call, and
   * again when the direction's faults change. Its timers use the given clock, because they outlive a stage.
   */
  shared<T>(create: (clock: MonotonicClock) => T): T;
  /** Passes bytes to the next stage, or to the socket. `held` must no longer count them. */
  pass(chunk: Chunk): void;
  /**
   * Passes the end of the stream, after all bytes before it. With `close`, the connection closes once those bytes have
   * reached the other end; later bytes in this direction are discarded.
   */
  passEnd(end: End): void;
  /** Whether later stages accept more bytes now. A stage that waits for room gets a call of `goOn`. */
  hasRoom(): boolean;
  /** Bytes that a stage may add to the stream now; 0: wait for `goOn`. */
  growth(): number;
  /** Whether the process is short of memory. */
  isShort(): boolean;
  /** Closes both sockets of the connection immediately; held bytes are discarded. */
  close(how: How): void;
}

/** One fault on one direction of one connection. Replaced whenever that direction's faults change. */
export interface Stage {
  push(chunk: Chunk): void;
  /** The end of the stream. Called once, or twice when a fault closes the connection after the sender's FIN. */
  end(end: End): void;
  /**
   * Stops the stage and returns the bytes that it held, oldest first. It need not return the end of the stream, which is
   * passed again.
   */
  release(): Chunk[];
  /** Bytes that it has produced but not passed yet. Called before `release`. */
  rest?(): Chunk[];
  /** Later stages may accept bytes again. */
  goOn?(): void;
  /** The process is short of memory: passes bytes that only wait for more bytes. Returns whether there were any. */
  relent?(): boolean;
  /** Bytes that it holds now. */
  readonly held: number;
  /** Memory that they take, in bytes, with `CHUNK_COST` for each chunk; undefined when it holds none. */
  readonly cost?: number;
  /**
   * Held bytes that only more bytes, or the end of the stream, can release: the gate keeps reading for them, whatever
   * other connections hold. At most 64 KiB.
   */
  readonly undecided?: number;
  /**
   * Bytes that it must be able to hold: the gate reads while the stages together hold less than the sum. 0 stops reading;
   * undefined needs none; infinite: it passes nothing and holds nothing.
   */
  readonly window?: number;
  /** Maximum rate in bytes per second, if it has one: there is no use in holding more. */
  readonly bytesPerSecond?: number;
  /** Milliseconds that it holds each byte, if it does: the gate keeps reading for that long. */
  readonly latencyMilliseconds?: number;
}

/** Documentation of a fault in addition to its schema, for docs/faults.md. Markdown, whole sentences. */
interface FaultDocs<Settings> {
  /** What causes this in production. */
  readonly cause: string;
  /** What the sender sees: the client with `toServer`, the server with `toClient`. */
  readonly sender: string;
  /** What the other end sees. */
  readonly receiver: string;
  /** Where it may surprise, and what to do about it. */
  readonly pitfalls: readonly string[];
  /** Settings for a picture of the fault on a connection that carries 100 bytes every 100 ms, with a pause. */
  readonly example: { readonly direction: DirectionName; readonly settings: Settings };
}

/** All there is to know about a fault. */
export interface Fault<S extends z.ZodType = z.ZodType> {
  /** Schema of its field, with a description for `kubectl explain`. */
  readonly schema: S;
  /** Its text in `kubectl get`, for instance `delay 300ms`. */
  describe(settings: z.output<S>): string;
  /**
   * It changes bytes. When the faults change, bytes held by later stages bypass it so that none is changed twice, and
   * `offset` after it counts the bytes that it passed.
   */
  readonly changesBytes?: true;
  stage(settings: z.output<S>, context: StageContext): Stage;
  readonly docs: FaultDocs<z.input<S>>;
}

/** Lets the compiler infer the settings from the schema. */
export function defineFault<S extends z.ZodType>(fault: Fault<S>): Fault<S> {
  return fault;
}
