import type { Socket } from 'node:net';
import type { GateSockets } from './gateSockets.ts';
import { MOST_WAITING } from './waitingRoom.ts';

export interface AdmissionOptions {
  /** Clients that may be there at once. */
  readonly limit: number;
  readonly sockets: GateSockets;
  /** `overLimit` is another one. */
  onChange(): void;
}

/** Milliseconds for which it is reported: people who look after a burst must see it. */
const REPORT_MILLISECONDS = 30_000;

/**
 * Counts the clients of a gate, from when each is let in until its sockets are closed, and lets no more in than the limit
 * and the files of the process allow. It bounds what a gate can hold, above all when its connections come back to it through other processes, which nothing in
 * a TCP stream tells: each round takes two sockets, and without a bound they end when the machine has no more.
 */
export class Admission {
  readonly #options: AdmissionOptions;
  #limit: number;
  #clients = 0;
  /** Of clients that were let in: how many keep the place of each taken. */
  readonly #keepers = new WeakMap<Socket, number>();
  #overLimit: string | undefined;
  #forget: NodeJS.Timeout | undefined;

  constructor(options: AdmissionOptions) {
    this.#options = options;
    this.#limit = options.limit;
  }

  /** For those that come from now on. */
  set limit(limit: number) {
    this.#limit = limit;
  }

  /** Why clients were reset within the last 30 seconds; undefined when none was. */
  get overLimit(): string | undefined {
    return this.#overLimit;
  }

  /** Whether the client may stay; it counts until it and what was made for it are closed. */
  admit(client: Socket): boolean {
    const { sockets } = this.#options;
    if (this.#clients >= this.#limit) {
      this.#report(
        `The gate reset clients: it had all connections that spec.maxConnections allows (${this.#limit}). ` +
          'Close connections, raise spec.maxConnections, or divide clients among gates. ' +
          'If clients cannot have made so many, the upstream leads back to this gate through another process: ' +
          'set spec.upstream to the server itself',
      );
      return false;
    }
    if (!sockets.connect()) {
      this.#report(
        `The gate reset clients: its process had all connections that its limit of ${sockets.openFiles} open files allows (${sockets.maxConnections}). ` +
          'Close connections, or start the process with a higher limit (ulimit -n)',
      );
      return false;
    }
    this.#clients += 1;
    client.once('close', this.keep(client));
    return true;
  }

  /** From now on the client, which has its place still, counts until what this returns has been called, too. */
  keep(client: Socket): () => void {
    this.#keepers.set(client, (this.#keepers.get(client) ?? 0) + 1);
    return () => {
      const keepers = (this.#keepers.get(client) ?? 0) - 1;
      this.#keepers.set(client, keepers);
      if (keepers > 0) return;
      this.#clients -= 1;
      this.#options.sockets.disconnect();
    };
  }

  /** A client was reset because as many wait as a gate holds. */
  reportHeld(): void {
    this.#report(
      `The gate reset clients: it held as many as newConnections: Hold keeps waiting (${MOST_WAITING}). ` +
        'Set spec.newConnections to Accept to serve those that wait, or to Reset or Refuse to turn them away',
    );
  }

  close(): void {
    clearTimeout(this.#forget);
  }

  #report(overLimit: string): void {
    clearTimeout(this.#forget);
    this.#forget = setTimeout(() => this.#set(undefined), REPORT_MILLISECONDS).unref();
    this.#set(overLimit);
  }

  #set(overLimit: string | undefined): void {
    if (this.#overLimit === overLimit) return;
    this.#overLimit = overLimit;
    this.#options.onChange();
  }
}
