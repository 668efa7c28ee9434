import type { IncomingMessage } from 'node:http';
import { type StatusError, tooLarge } from '../errors.ts';

/** Largest body, in bytes (k8s.io/apiserver, DefaultMaxRequestBodyBytes). */
export const MAX_BODY = 3 * 1024 * 1024;

/** Reads a whole body. Throws a 413 as soon as it is too large. */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > MAX_BODY) throw overLimit();
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY) throw overLimit();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function overLimit(): StatusError {
  return tooLarge(`Request entity too large: limit is ${MAX_BODY}`);
}
