import type { Socket } from 'node:net';
import { canonicalAddress, isUnspecified } from './address.ts';

/**
 * Knows the connections that this process has made. One that it accepts and whose two ends are those of one that it
 * made is the same connection: nothing else on the machine can have both ends at the same time. So it is known where a
 * client that is a gate of this process comes from, with nothing added to its bytes. Not known, because an end is
 * another one then: connections that leave the process or whose address is translated on the way.
 */
export class Passages<Passage> {
  readonly #made = new Map<string, { readonly socket: Socket; readonly passage: Passage }>();

  /** How many connections it knows. */
  get size(): number {
    return this.#made.size;
  }

  /** Call it in the turn in which the socket begins to connect there. It is known until it closes. */
  add(socket: Socket, host: string, port: number, passage: Passage): void {
    // The socket has a local end when node:net has called connect(2), in its own tick, and before the other end of the
    // connection can be accepted: that takes another turn of the event loop.
    process.nextTick(() => {
      const { localAddress, localPort } = socket;
      if (localAddress === undefined || localPort === undefined || socket.destroyed) return;
      const remoteAddress = isUnspecified(host) ? localAddress : host;
      const key = keyOf(localAddress, localPort, remoteAddress, port);
      this.#made.set(key, { socket, passage });
      socket.once('close', () => {
        if (this.#made.get(key)?.socket === socket) this.#made.delete(key);
      });
    });
  }

  /** Of which of the connections this is the other end. */
  of({ remoteAddress, remotePort, localAddress, localPort }: Socket): Passage | undefined {
    if (remoteAddress === undefined || remotePort === undefined) return undefined;
    if (localAddress === undefined || localPort === undefined) return undefined;
    const found = this.#made.get(keyOf(remoteAddress, remotePort, localAddress, localPort));
    return found?.socket.destroyed === false ? found.passage : undefined;
  }
}

function keyOf(from: string, fromPort: number, to: string, toPort: number): string {
  return `${canonicalAddress(from)} ${fromPort} ${canonicalAddress(to)} ${toPort}`;
}
