import type { Socket } from 'node:net';
import { free } from './memory.ts';

/** Milliseconds that the peer of an orderly close gets to close as well. */
const LINGER_LIMIT = 2_000;

/**
 * Ends the connection with RST (RFC 9293, 3.10.5), whatever is unsent or unread. libuv refuses to reset while
 * a FIN is on its way (uv_tcp_close_reset, EINVAL): then the RST follows it.
 */
export function reset(socket: Socket): void {
  if (socket.destroyed) return;
  if (socket.writableEnded && !socket.writableFinished) {
    socket.once('finish', () => reset(socket));
    return;
  }
  socket.resetAndDestroy();
}

/**
 * Ends the connection in order: FIN, then reads and discards until the peer has closed too or the time is up.
 * A close with unread bytes would send RST instead (RFC 1122, 4.2.2.13). Nothing else may read the socket.
 */
export function finish(socket: Socket): void {
  if (socket.destroyed) return;
  const timer = setTimeout(() => socket.destroy(), LINGER_LIMIT);
  socket.once('close', () => clearTimeout(timer));
  socket.on('data', free);
  socket.resume();
  socket.end();
}

/** Milliseconds of silence before TCP asks whether the peer is still there. */
const KEEP_ALIVE_DELAY = 60_000;

/** Of every socket of a gate: bytes leave as they come, and a FIN closes one direction only. */
export const SOCKET_OPTIONS = {
  allowHalfOpen: true,
  noDelay: true,
  keepAlive: true,
  keepAliveInitialDelay: KEEP_ALIVE_DELAY,
} as const;

/** @param initialDelay milliseconds of silence before TCP asks whether the peer is still there */
export function setKeepAlive(socket: Socket, initialDelay = KEEP_ALIVE_DELAY): void {
  socket.setKeepAlive(true, initialDelay);
}

/** Listens to errors that others handle too: an error without a listener ends the process. */
export function ignore(): void {}
