import { createServer, type Server } from 'node:net';
import { atEnd } from './atEnd.ts';
import { Peer } from './peer.ts';
import { until } from './time.ts';

/** A server that hands out its ends of the connections, in the order in which they came. */
export class TestServer {
  readonly #server: Server;
  readonly #peers: Peer[] = [];
  #taken = 0;

  /** @param onPeer what to do with each connection at once */
  static async listen({
    port = 0,
    host = '127.0.0.1',
    onPeer,
  }: {
    port?: number;
    host?: string;
    onPeer?: (peer: Peer) => void;
  } = {}): Promise<TestServer> {
    const server = new TestServer(onPeer ?? (() => {}));
    atEnd(() => server.close());
    await new Promise<void>((resolve, reject) => {
      server.#server.once('error', reject);
      server.#server.listen(port, host, resolve);
    });
    return server;
  }

  private constructor(onPeer: (peer: Peer) => void) {
    this.#server = createServer({ allowHalfOpen: true }, (socket) => {
      const peer = new Peer(socket);
      this.#peers.push(peer);
      onPeer(peer);
    });
  }

  get port(): number {
    const address = this.#server.address();
    if (typeof address !== 'object' || address === null) throw new Error('Not listening');
    return address.port;
  }

  /** Connections that came so far. */
  get count(): number {
    return this.#peers.length;
  }

  /** All that came, in the order of their coming. */
  get peers(): readonly Peer[] {
    return this.#peers;
  }

  /** The next connection that was not asked for yet. */
  async accept(): Promise<Peer> {
    const index = this.#taken;
    this.#taken += 1;
    await until(`connection ${index + 1} at the server`, () => this.#peers.length > index);
    const peer = this.#peers[index];
    if (peer === undefined) throw new Error('unreachable');
    return peer;
  }

  close(): void {
    this.#server.close();
    for (const { socket } of this.#peers) socket.destroy();
  }
}
