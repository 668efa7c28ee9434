import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Address } from '../actors/traffic.ts';
import type { ApplyResult, Door, Target, TargetGate } from './target.ts';

/** What a lying gate does with the bytes of a connection's direction: `seen` came before them. */
export type Lie = (data: Buffer, seen: number, socket: Socket) => Buffer;

/** A relay that says of every configuration that it is in force, and runs none: the campaign must find out. */
export class LyingTarget implements Target, TargetGate {
  readonly name = 'liar';
  readonly kind = 'liars';
  readonly trouble = undefined;
  readonly peakBytes = undefined;
  readonly #upstream: Address;
  readonly #lie: Lie;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor(upstream: Address, lie: Lie) {
    this.#upstream = upstream;
    this.#lie = lie;
    this.#server = createServer({ allowHalfOpen: true }, (client) => {
      const server = connect({ ...upstream, allowHalfOpen: true });
      this.#relay(client, server);
      this.#relay(server, client);
    });
  }

  get gates(): readonly TargetGate[] {
    return [this];
  }

  get doors(): readonly Door[] {
    return [];
  }

  get address(): Address {
    const address = this.#server.address();
    if (typeof address !== 'object' || address === null) throw new Error('Not listening');
    return { ...this.#upstream, port: address.port };
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, this.#upstream.host, resolve));
  }

  async apply(): Promise<ApplyResult> {
    return { is: 'in force' };
  }

  async offend(): Promise<ApplyResult> {
    return { is: 'refused', why: 'it lies' };
  }

  async kill(): Promise<void> {}

  async fillDisk(): Promise<boolean> {
    return false;
  }

  async stop(): Promise<void> {
    this.#server.close();
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  #relay(from: Socket, to: Socket): void {
    this.#sockets.add(from);
    let seen = 0;
    from.on('data', (data) => {
      to.write(this.#lie(data, seen, from));
      seen += data.length;
    });
    from.on('end', () => to.end());
    from.on('error', () => to.resetAndDestroy());
    from.on('close', () => this.#sockets.delete(from));
  }
}
