import type { z } from 'zod';
import type { MonotonicClock } from '../../time/clock.ts';
import type { Chunk, End } from '../chunk.ts';
import type { DirectionName } from '../directionName.ts';
import type { How } from '../schema.ts';

/** What a stage may use of the direction it stands in. Its timers end with it. */
export interface StageContext extends MonotonicClock {
  /** A number in [0, 1) that depends on the gate's seed, the connection, the direction, the fault and `key` alone. */
  random(key: number): number;
  /** When the connection was opened, on the same clock. */
  readonly openedAt: number;
  /** The bound on the bytes that one direction may hold, backpressure past it. */
  readonly connectionBytes: number;
  /**
   * What this fault shares among all connections of the gate in this direction: made by the first that asks,
   * and anew when the direction's faults change. Its timers come from the given clock: they outlive a stage.
   */
  shared<T>(create: (clock: MonotonicClock) => T): T;
  /** Passes bytes on to the next stage, or to the socket. `held` must not count them any more. */
  pass(chunk: Chunk): void;
  /**
   * Passes the end on, behind all bytes before it. With `close` the connection closes when they have reached the
   * other end; whatever comes later in this direction is discarded.
   */
  passEnd(end: End): void;
  /** Whether what is behind it can use more bytes now. Who does not pass any for want of room is told to `goOn`. */
  hasRoom(): boolean;
  /** Bytes that it may pass now although it makes more of them than it got; 0: it is told to `goOn`. */
  growth(): number;
  /** Whether the process is short of memory. */
  isShort(): boolean;
  /** Closes both sockets of the connection at once; what is held is discarded. */
  close(how: How): void;
}

/** One fault at work on one direction of one connection. Made anew whenever that direction's faults change. */
export interface Stage {
  push(chunk: Chunk): void;
  /** Nothing comes behind it. Comes once, or twice when a fault closes the connection after the sender's FIN. */
  end(end: End): void;
  /**
   * Stops the stage for good and hands over the bytes that it held, oldest first. The end is not its business:
   * it comes again.
   */
  release(): Chunk[];
  /** What it has made of bytes that are gone, and has not passed yet. Asked for before `release`. */
  rest?(): Chunk[];
  /** There may be room behind it again. */
  goOn?(): void;
  /** The process is short of memory: it lets go what only waits for more bytes. Tells whether there was something. */
  relent?(): boolean;
  /** Bytes that it holds now. */
  readonly held: number;
  /** Memory that they take, in bytes, with `CHUNK_COST` for each chunk; undefined when it holds none. */
  readonly cost?: number;
  /**
   * Those of them that nothing but more bytes, or the end, lets go: the gate reads on for them whatever other
   * connections hold. At most 64 KiB.
   */
  readonly undecided?: number;
  /**
   * Bytes that it must be able to hold to do its work: the gate reads on while the stages together hold less
   * than the sum. 0 stops reading at once; undefined needs none; infinite: it lets nothing pass and holds nothing.
   */
  readonly window?: number;
  /** Bytes that it lets pass in a second at most, if it limits them: what comes faster is not worth holding. */
  readonly bytesPerSecond?: number;
  /** Milliseconds that it keeps each byte, if it does: the gate reads on for as long. */
  readonly latencyMilliseconds?: number;
}

/** What people are told of a fault besides its schema: docs/faults.md is made of it. Markdown, whole sentences. */
interface FaultDocs<Settings> {
  /** What happens in production that looks like this. */
  readonly cause: string;
  /** What the end sees whose bytes these are: under `toServer` the client, under `toClient` the server. */
  readonly sender: string;
  /** What the other end sees. */
  readonly receiver: string;
  /** Where it does something else than one would think, and what to do about it. */
  readonly pitfalls: readonly string[];
  /** Shows what it does when it is set on a connection that carries 100 bytes each 100 ms, with a pause. */
  readonly example: { readonly direction: DirectionName; readonly settings: Settings };
}

/** All there is to know about a fault. */
export interface Fault<S extends z.ZodType = z.ZodType> {
  /** What its field takes, with a description for `kubectl explain`. */
  readonly schema: S;
  /** Its text in `kubectl get`, for instance `delay 300ms`. */
  describe(settings: z.output<S>): string;
  /**
   * It passes other bytes than it got. Bytes that are held behind it when the faults change go by it then, so
   * that none is changed twice, and `offset` behind it counts what it passed.
   */
  readonly changesBytes?: true;
  stage(settings: z.output<S>, context: StageContext): Stage;
  readonly docs: FaultDocs<z.input<S>>;
}

/** Lets the compiler infer the settings from the schema. */
export function defineFault<S extends z.ZodType>(fault: Fault<S>): Fault<S> {
  return fault;
}
