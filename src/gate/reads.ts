import { Socket, type SocketConstructorOpts } from 'node:net';
import { free, LARGEST_READ, memory } from './memory.ts';
import { SOCKET_OPTIONS } from './sockets.ts';

/**
 * Bytes of a read, and bytes that are kept before reading stops, as long as a client is not served: enough to notice a
 * FIN behind a short request. Twice that at most is kept of what it sends early; the rest waits in the kernel.
 */
const EARLY_BYTES = 4_096;

/** Where most reads end up: memory of its own would cost each open connection that much. */
const landing = Buffer.allocUnsafeSlow(LARGEST_READ);
const earlyLanding = landing.subarray(0, EARLY_BYTES);

/**
 * Options that make a socket read up to `LARGEST_READ` bytes at once; it is a stream as ever. What comes in bulk is not
 * copied: after a full read the next goes into memory that is handed on as it is, and that the socket keeps until then.
 * `npm run bench -- --only throughput` measures it.
 *
 * @param isEarly reads are to be small yet
 */
export function largeReads(
  socket: () => Socket,
  isEarly = () => false,
): Pick<SocketConstructorOpts, 'onread'> {
  let wasFull = false;
  return {
    onread: {
      buffer: () => {
        if (wasFull) return memory(LARGEST_READ);
        return isEarly() ? earlyLanding : landing;
      },
      callback: (count, buffer) => {
        wasFull = count === LARGEST_READ;
        const isShared = buffer.buffer === landing.buffer;
        if (wasFull && !isShared) return socket().push(buffer);
        const copy = memory(count);
        copy.set(buffer.subarray(0, count));
        if (!isShared) free(buffer);
        return socket().push(copy);
      },
    },
  };
}

/**
 * The same client, paused, in a socket with large reads from when it is resumed: a server makes its sockets without. Node
 * has no public way to hand a connection on to another socket; `_handle` is what its own modules do it by.
 */
export function withLargeReads(client: Socket): Socket {
  const owner = client as unknown as { _handle: unknown };
  const handle = owner._handle;
  owner._handle = null;
  // Without a handle it closes nothing, but its server no longer counts it.
  client.destroy();
  let isEarly = true;
  const socket: Socket = new Socket({
    ...SOCKET_OPTIONS,
    ...largeReads(
      () => socket,
      () => isEarly,
    ),
    readableHighWaterMark: EARLY_BYTES,
    handle,
  } as SocketConstructorOpts);
  socket.once('resume', () => {
    isEarly = false;
  });
  return socket.pause();
}
