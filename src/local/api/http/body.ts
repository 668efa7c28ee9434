import type { IncomingMessage } from 'node:http';
import { badRequest, type StatusError, tooLarge } from '../errors.ts';

/** Largest body, in bytes (k8s.io/apiserver, DefaultMaxRequestBodyBytes). */
export const MAX_BODY = 3 * 1024 * 1024;

/** Reads a whole body. Throws a 413 as soon as it is too large, a 400 when it is no UTF-8. */
export async function readBody(request: IncomingMessage): Promise<string> {
  if (Number(request.headers['content-length'] ?? 0) > MAX_BODY) throw overLimit();
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY) throw overLimit();
    chunks.push(chunk);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
  } catch {
    throw badRequest('the body of the request is not UTF-8');
  }
}

function overLimit(): StatusError {
  return tooLarge(`Request entity too large: limit is ${MAX_BODY}`);
}
