import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LinkState } from '../../control/link.ts';

/** Milliseconds for one connection. */
const LIMIT = 2_000;

/** Milliseconds between looks at what the proxy reports. */
const INTERVAL = 20;

/** What the proxies of a gate say of their upstream; undefined: none of them has tried. */
export function upstreamReached(links: readonly LinkState[]): boolean | undefined {
  const all = links.flatMap(({ report }) => report?.upstream.reachable ?? []);
  return all.length === 0 ? undefined : all.every((reachable) => reachable);
}

/**
 * Connects as a client to a pod of a gate, which connects to its upstream, and closes the connection without a byte.
 *
 * @param reached what the proxy in that pod reports of its upstream; undefined: nothing yet
 */
export async function reachesUpstream(
  host: string,
  port: number,
  reached: () => boolean | undefined,
): Promise<boolean> {
  const socket = connect({ host, port });
  const ended = new AbortController();
  socket.on('error', () => {});
  socket.on('close', () => ended.abort());
  try {
    for (let left = LIMIT; left > 0 && !ended.signal.aborted; left -= INTERVAL) {
      if (reached() === true) return true;
      await sleep(INTERVAL, undefined, { signal: ended.signal }).catch(() => {});
    }
    return reached() === true;
  } finally {
    socket.destroy();
  }
}
