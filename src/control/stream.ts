import type { Duplex } from 'node:stream';
import type { z } from 'zod';
import { LineCutter, LineTooLongError } from '../limits/lines.ts';

/** Milliseconds without a word until the other end counts as lost. The operator pings more often, and is answered. */
export const SILENCE_LIMIT = 15_000;

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
  const lines = new LineCutter(maxBytes);
  stream.on('data', (data: Buffer) => {
    try {
      for (const line of lines.cut(data)) {
        const message = schema.safeParse(parseJson(line));
        if (!message.success) {
          throw new ProtocolError(`Unexpected message: ${message.error.message}`);
        }
        onMessage(message.data);
        if (stream.destroyed) return;
      }
    } catch (error) {
      stream.destroy(asProtocolError(error, maxBytes));
    }
  });
}

export function writeMessage(stream: Duplex, message: unknown): void {
  if (stream.writable) stream.write(`${JSON.stringify(message)}\n`);
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw new ProtocolError('A message is not JSON');
  }
}

function asProtocolError(error: unknown, maxBytes: number): Error {
  if (error instanceof LineTooLongError) {
    return new ProtocolError(`A message is longer than ${maxBytes} bytes`);
  }
  return error instanceof Error ? error : new ProtocolError(String(error));
}
