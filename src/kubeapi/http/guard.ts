import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { StatusError } from '../errors.ts';

/** Names under which this machine is itself, to itself. */
const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

/**
 * Throws when a request must not be answered: it was sent to another name (a web page that had its own name resolve to
 * this machine: DNS rebinding), comes from a web page, or has no token.
 */
export function guard(
  { host = '', origin, authorization = '' }: IncomingHttpHeaders,
  token: string,
): void {
  if (!LOOPBACK.includes(host.replace(/:\d+$/, '').toLowerCase())) {
    throw refused(`this API answers to ${LOOPBACK.join(', ')} and not to ${JSON.stringify(host)}`);
  }
  if (origin !== undefined) throw refused('web pages have no access to this API');
  const [scheme = '', given = ''] = authorization.split(' ', 2);
  if (scheme.toLowerCase() !== 'bearer' || !isEqual(given, token)) {
    throw new StatusError(401, 'Unauthorized', 'Unauthorized');
  }
}

function refused(message: string): StatusError {
  return new StatusError(403, 'Forbidden', message, {});
}

/** In a time that tells nothing about the token: digests have one length. */
function isEqual(given: string, token: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(token));
}
