import { connect, createServer, type Server, type Socket } from 'node:net';
import { gateConfig } from '../../../src/gate/config.ts';
import type { Address } from '../actors/traffic.ts';
import { expectedText } from './expected.ts';
import type { ApplyResult, Asked, Door, Target, TargetGate } from './target.ts';

/**
 * What a lying gate does with the bytes of a connection's direction: `seen` came before them, and it was asked for that
 * `age` milliseconds ago.
 */
export type Lie = (data: Buffer, seen: number, socket: Socket, asked: Asked, age: number) => Buffer;

/**
 * A relay that says of every configuration that it is in force, and of every run that it ends in time, and does what the
 * lie does: the campaign must find out.
 */
export class LyingTarget implements Target, TargetGate {
  readonly name = 'liar';
  readonly kind = 'liars';
  readonly trouble = undefined;
  readonly peakBytes = undefined;
  readonly #upstream: Address;
  readonly #lie: Lie;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #asked: Asked;
  #askedAt = 0;

  constructor(upstream: Address, lie: Lie) {
    this.#upstream = upstream;
    this.#lie = lie;
    this.#asked = { config: gateConfig.parse({ upstream }), run: { nonce: '0' } };
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

  async apply(asked: Asked): Promise<ApplyResult> {
    this.#asked = asked;
    this.#askedAt = performance.now();
    return { is: 'in force' };
  }

  async said(): Promise<string> {
    const { durationSeconds } = this.#asked.run;
    const isOver = durationSeconds !== undefined && this.#age >= durationSeconds * 1_000;
    return expectedText(this.#asked, isOver ? 'Ended' : undefined);
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

  get #age(): number {
    return performance.now() - this.#askedAt;
  }

  #relay(from: Socket, to: Socket): void {
    this.#sockets.add(from);
    let seen = 0;
    from.on('data', (data) => {
      to.write(this.#lie(data, seen, from, this.#asked, this.#age));
      seen += data.length;
    });
    from.on('end', () => to.end());
    from.on('error', () => to.resetAndDestroy());
    from.on('close', () => this.#sockets.delete(from));
  }
}
