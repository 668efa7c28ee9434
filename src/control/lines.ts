import type { Duplex } from 'node:stream';
import type { z } from 'zod';

/** A snapshot is a few kilobytes; whoever sends a longer line is not one of ours. */
const MAX_LINE_BYTES = 1024 * 1024;

/** Milliseconds without a word until the other end counts as lost. The operator pings more often, and is answered. */
export const SILENCE_LIMIT = 15_000;

const NEWLINE = 0x0a;

export class ProtocolError extends Error {
  override name = 'ProtocolError';
}

/**
 * Reads one JSON document per line and hands over those that the schema accepts.
 * The first line that is too long, no JSON or of another shape destroys the stream with a `ProtocolError`.
 */
export function readMessages<S extends z.ZodType>(
  stream: Duplex,
  schema: S,
  onMessage: (message: z.output<S>) => void,
): void {
  let pending: Buffer[] = [];
  let pendingBytes = 0;

  const take = (line: string): void => {
    const message = schema.safeParse(parseJson(line));
    if (!message.success) throw new ProtocolError(`Unexpected message: ${message.error.message}`);
    onMessage(message.data);
  };

  stream.on('data', (data: Buffer) => {
    try {
      let start = 0;
      for (let end = data.indexOf(NEWLINE); end !== -1; end = data.indexOf(NEWLINE, start)) {
        const line = Buffer.concat([...pending, data.subarray(start, end)]).toString();
        pending = [];
        pendingBytes = 0;
        start = end + 1;
        take(line);
      }
      if (start === data.length) return;
      const rest = data.subarray(start);
      pending.push(rest);
      pendingBytes += rest.length;
      if (pendingBytes > MAX_LINE_BYTES) throw new ProtocolError('A message is too long');
    } catch (error) {
      stream.destroy(error instanceof Error ? error : new ProtocolError(String(error)));
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
