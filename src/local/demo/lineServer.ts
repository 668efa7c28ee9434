import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';

/** A server on loopback that answers each line with `You said: ` and the line. */
export class LineServer {
  readonly #server;
  readonly #sockets = new Set<Socket>();

  static async start(): Promise<LineServer> {
    const server = new LineServer();
    server.#server.listen({ port: 0, host: '127.0.0.1' });
    await once(server.#server, 'listening');
    return server;
  }

  private constructor() {
    this.#server = createServer({ noDelay: true }, (socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => {});
      socket.once('close', () => this.#sockets.delete(socket));
      createInterface({ input: socket })
        .on('line', (line) => socket.write(`You said: ${line}\n`))
        .on('error', () => {});
    });
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }
}
