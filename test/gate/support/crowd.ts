import { expect } from 'vitest';
import { bytesOf } from './bytes.ts';
import type { GateHarness } from './harness.ts';
import type { Peer } from './peer.ts';
import { until } from './time.ts';

export type NewConnections = 'Accept' | 'Hold' | 'Refuse' | 'Reset';

interface Comer {
  readonly client: Peer;
  readonly early: Buffer;
}

/** Clients that come to a gate while `newConnections` changes, and what each of them should meet. */
export class Crowd {
  readonly #harness: GateHarness;
  #mode: NewConnections = 'Accept';
  readonly #served: Comer[] = [];
  #waiting: Comer[] = [];

  constructor(harness: GateHarness) {
    this.#harness = harness;
  }

  async change(mode: NewConnections): Promise<void> {
    this.#mode = mode;
    await this.#harness.set({ newConnections: mode });
    if (mode === 'Hold') return;
    const waiting = this.#waiting;
    this.#waiting = [];
    if (mode === 'Accept') this.#served.push(...waiting);
    else for (const { client } of waiting) await client.seesReset();
  }

  /** A client comes and says so much. */
  async come(bytes: number): Promise<void> {
    if (this.#mode === 'Refuse') {
      await expect(this.#harness.connect()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
      return;
    }
    const client = await this.#harness.connect();
    if (this.#mode === 'Reset') return client.seesReset();
    const early = bytesOf(bytes, this.#served.length + this.#waiting.length);
    client.send(early);
    (this.#mode === 'Accept' ? this.#served : this.#waiting).push({ client, early });
    await until('it is taken on', () => {
      const { accepted, held } = this.#harness.gate.state.connections;
      return accepted === this.#served.length && held === this.#waiting.length;
    });
  }

  /** All that should be served are, in the order of their coming, and the others see nothing. */
  async check(): Promise<void> {
    for (const { client, early } of this.#served) {
      const server = await this.#harness.server.accept();
      expect((await server.receives(early.length)).equals(early)).toBe(true);
      server.send('answer');
      await client.receives('answer');
    }
    for (const { client } of this.#waiting) expect(client.isUntouched).toBe(true);
    expect(this.#harness.active).toBe(this.#served.length);
    for (const { client } of [...this.#served, ...this.#waiting]) client.socket.destroy();
  }
}
