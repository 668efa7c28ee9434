import type { Duplex } from 'node:stream';
import type { z } from 'zod';

/** Milliseconds without a word until the other end counts as lost. The operator pings more often, and is answered. */
export const SILENCE_LIMIT = 15_000;

const NEWLINE = 0x0a;

/** Bytes that the beginning of a line gets at first. */
const FIRST_CAPACITY = 4_096;

export class ProtocolError extends Error {
  override name = 'ProtocolError';
}

export interface MessagesOptions<S extends z.ZodType> {
  readonly schema: S;
  /** Bytes of the longest line that is read. */
  readonly maxBytes: number;
  /** May throw a `ProtocolError`. */
  onMessage(message: z.output<S>): void;
}

/**
 * Reads one JSON document per line and hands over those that the schema accepts.
 * The first line that is too long, no JSON or of another shape destroys the stream with a `ProtocolError`.
 */
export function readMessages<S extends z.ZodType>(
  stream: Duplex,
  { schema, maxBytes, onMessage }: MessagesOptions<S>,
): void {
  const begun = new LineStart(maxBytes);

  const take = (line: string): void => {
    const message = schema.safeParse(parseJson(line));
    if (!message.success) throw new ProtocolError(`Unexpected message: ${message.error.message}`);
    onMessage(message.data);
  };

  stream.on('data', (data: Buffer) => {
    try {
      let start = 0;
      for (let end = data.indexOf(NEWLINE); end !== -1; end = data.indexOf(NEWLINE, start)) {
        begun.add(data.subarray(start, end));
        start = end + 1;
        take(begun.take());
        if (stream.destroyed) return;
      }
      begun.add(data.subarray(start));
    } catch (error) {
      stream.destroy(error instanceof Error ? error : new ProtocolError(String(error)));
    }
  });
}

export function writeMessage(stream: Duplex, message: unknown): void {
  if (stream.writable) stream.write(`${JSON.stringify(message)}\n`);
}

/** The bytes of a line that has not ended yet. Copied: a chunk of one byte may keep a whole read in memory. */
class LineStart {
  readonly #maxBytes: number;
  #bytes = Buffer.alloc(0);
  #length = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  add(data: Buffer): void {
    const length = this.#length + data.length;
    if (length > this.#maxBytes) {
      throw new ProtocolError(`A message is longer than ${this.#maxBytes} bytes`);
    }
    if (length > this.#bytes.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(FIRST_CAPACITY, 2 * length));
      this.#bytes.copy(larger, 0, 0, this.#length);
      this.#bytes = larger;
    }
    data.copy(this.#bytes, this.#length);
    this.#length = length;
  }

  take(): string {
    const line = this.#bytes.toString('utf8', 0, this.#length);
    // Most connections rest most of the time: without memory of their own.
    this.#bytes = Buffer.alloc(0);
    this.#length = 0;
    return line;
  }
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw new ProtocolError('A message is not JSON');
  }
}
