import { expect } from 'vitest';
import type { Agent } from './agent.ts';

/** How long anything may take that has to happen, in milliseconds. */
const PATIENCE = 10_000;

/** How long nothing has to come for it not to come at all. */
const QUIET = 300;

/** One end of a connection, in the hands of an agent. */
export class End {
  readonly #agent: Agent;
  readonly #name: string;

  constructor(agent: Agent, name: string) {
    this.#agent = agent;
    this.#name = name;
  }

  async says(text: string): Promise<void> {
    await this.#agent.call('tcpWrite', { name: this.#name, text });
  }

  /** Waits for this text, and for no byte more; what it hears next is counted again. */
  async hears(text: string): Promise<void> {
    expect(await this.hearsBytes(text.length)).toBe(text);
  }

  /** Waits for so many bytes. */
  async hearsBytes(bytes: number): Promise<string> {
    const wait = { name: this.#name, bytes, timeoutMs: PATIENCE };
    const { received } = await this.#agent.call('tcpWait', wait);
    expect(received).toHaveLength(bytes);
    await this.#agent.call('tcpForget', { name: this.#name });
    return received;
  }

  async hearsNothing(milliseconds = QUIET): Promise<void> {
    const wait = { name: this.#name, bytes: 1, timeoutMs: milliseconds };
    expect(await this.#agent.call('tcpWait', wait)).toEqual({ state: 'open', received: '' });
  }

  /** Waits for the end of the connection, and for these bytes before it. */
  async sees(state: 'fin' | 'ECONNRESET', received = ''): Promise<void> {
    const wait = { name: this.#name, timeoutMs: PATIENCE };
    expect(await this.#agent.call('tcpWait', wait)).toEqual({ state, received });
  }

  /** How many bytes it has heard so far, and in which pieces. */
  reads(): Promise<{ bytes: number; lengths: number[] }> {
    return this.#agent.call('tcpReads', { name: this.#name });
  }

  /** Writes so many bytes; how many of them were taken. */
  fills(bytes: number): Promise<number> {
    return this.#agent.call('tcpFill', { name: this.#name, bytes });
  }

  /** From now on says everything again that it hears. */
  async answers(): Promise<void> {
    await this.#agent.call('tcpAnswer', { name: this.#name });
  }

  /** Milliseconds that a byte takes to an end that answers, and back. */
  async roundTrip(): Promise<number> {
    const [milliseconds = Number.NaN] = await this.#agent.call('tcpRoundTrips', {
      names: [this.#name],
    });
    return milliseconds;
  }
}

/** Both ends of a connection. */
export interface Pair {
  readonly client: End;
  readonly server: End;
}

let pairs = 0;

/** Connects to `target`, behind which `server` listens; the server's end is the one that gets the greeting. */
export async function openPair(
  client: Agent,
  server: Agent,
  target: { host: string; port: number },
): Promise<Pair> {
  pairs += 1;
  const name = `pair-${pairs}`;
  expect(await client.call('tcpOpen', { name, target })).toBe('open');
  const pair = { client: new End(client, name), server: new End(server, name) };
  await pair.client.says(name);
  await server.call('tcpAccept', { name, text: name, timeoutMs: PATIENCE });
  return pair;
}
