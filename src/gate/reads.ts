import { Socket, type SocketConstructorOpts } from 'node:net';
import { LARGEST_READ, memory } from './memory.ts';
import { SOCKET_OPTIONS } from './sockets.ts';

/** Bytes come here, and are copied on: memory of its own would cost each open connection that much. */
const landing = Buffer.allocUnsafeSlow(LARGEST_READ);

/** Options that make a socket read up to `LARGEST_READ` bytes at once; it is a stream as ever. */
export function largeReads(socket: () => Socket): Pick<SocketConstructorOpts, 'onread'> {
  return {
    onread: {
      buffer: landing,
      callback: (count) => socket().push(copyOfLanding(count)),
    },
  };
}

/**
 * The same client, paused, in a socket with large reads: a server makes its sockets without. Node has no public way
 * to hand a connection on to another socket; `_handle` is what its own modules do it by.
 */
export function withLargeReads(client: Socket): Socket {
  const owner = client as unknown as { _handle: unknown };
  const handle = owner._handle;
  owner._handle = null;
  // Without a handle it closes nothing, but its server no longer counts it.
  client.destroy();
  const socket: Socket = new Socket({
    ...SOCKET_OPTIONS,
    ...largeReads(() => socket),
    handle,
  } as SocketConstructorOpts);
  return socket.pause();
}

function copyOfLanding(count: number): Buffer {
  const copy = memory(count);
  landing.copy(copy, 0, 0, count);
  return copy;
}
