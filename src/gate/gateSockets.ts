/** Sockets of one connection: the client's and the server's. */
const PER_CONNECTION = 2;

export interface GateSocketsOptions {
  /** Files that the process may open; for messages. */
  readonly openFiles: number;
  /** Sockets that all gates of the process may have. */
  readonly limit: number;
  /** Of them, sockets that are kept for listeners: a gate gets its port, however many connections others have. */
  readonly listeners: number;
}

/**
 * Bounds the sockets of all gates of a process, so that it always has files left for those who look after it and lift
 * faults.
 */
export class GateSockets {
  static readonly UNBOUNDED = new GateSockets({
    openFiles: Number.POSITIVE_INFINITY,
    limit: Number.POSITIVE_INFINITY,
    listeners: 0,
  });

  readonly #options: GateSocketsOptions;
  #connections = 0;
  #listeners = 0;

  constructor(options: GateSocketsOptions) {
    this.#options = options;
  }

  /** Files that the process may open. */
  get openFiles(): number {
    return this.#options.openFiles;
  }

  /** Connections that there may be at once. */
  get maxConnections(): number {
    const { limit, listeners } = this.#options;
    return Math.floor((limit - Math.max(listeners, this.#listeners)) / PER_CONNECTION);
  }

  /** Takes the sockets of a connection. False when none are left. */
  connect(): boolean {
    if (this.#connections >= this.maxConnections) return false;
    this.#connections += 1;
    return true;
  }

  disconnect(): void {
    this.#connections -= 1;
  }

  /** Takes the socket of a listener. False when none is left. */
  listen(): boolean {
    const { limit, listeners } = this.#options;
    const used = PER_CONNECTION * this.#connections + this.#listeners;
    if (this.#listeners >= listeners && used >= limit) return false;
    this.#listeners += 1;
    return true;
  }

  unlisten(): void {
    this.#listeners -= 1;
  }
}
