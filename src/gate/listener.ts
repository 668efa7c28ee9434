import { createServer, type Server, type Socket } from 'node:net';
import type { GateSockets } from './gateSockets.ts';
import { withLargeReads } from './reads.ts';
import { SOCKET_OPTIONS } from './sockets.ts';

export interface ListenerOptions {
  /** 0 takes any port, and keeps it from then on. */
  readonly port: number;
  /** All addresses, IPv6 and IPv4, if not given. */
  readonly host?: string;
  readonly sockets: GateSockets;
  /** A client, paused: nothing is read from it yet. */
  onClient(client: Socket): void;
  /** The port is not available (with a message for people), or is available again (undefined). */
  onError(error: string | undefined): void;
}

/** Milliseconds before the first and between later attempts to get a port that is taken; doubles in between. */
const FIRST_RETRY = 100;
const LAST_RETRY = 2_000;

/** Connections that the kernel has made and that wait to be accepted; Linux keeps to `net.core.somaxconn`, too. */
export const BACKLOG = 1_024;

/** A listening socket that can be closed, opened again and moved. Open connections are not its own. */
export class Listener {
  readonly #options: ListenerOptions;
  /** The port that it is to listen on. */
  #wanted: number;
  #current: { readonly server: Server; readonly port: number } | undefined;
  #opening: Server | undefined;
  #retry: NodeJS.Timeout | undefined;
  /** Have taken a socket of those that there may be. */
  readonly #counted = new WeakSet<Server>();

  constructor(options: ListenerOptions) {
    this.#options = options;
    this.#wanted = options.port;
  }

  /** The port that it listens on, or will as soon as it is open. */
  get port(): number {
    return this.#current?.port ?? this.#wanted;
  }

  /** Resolves when it listens, or when it knows that it cannot: then it tries on, see `onError`. */
  async open(): Promise<void> {
    if (!this.#isOpen) await this.#try(FIRST_RETRY);
  }

  /**
   * Changes the port. When it is open, resolves as `open` does; until the new port is available, clients are still let in
   * by the old one.
   */
  async move(port: number): Promise<void> {
    if (port === this.#wanted) return;
    this.#wanted = port;
    if (!this.#isOpen) return;
    this.#abandon();
    if (this.#current?.port === port) this.#options.onError(undefined);
    else await this.#try(FIRST_RETRY);
  }

  /** From here on clients are refused. */
  close(): void {
    this.#abandon();
    this.#end(this.#current?.server);
    this.#current = undefined;
    this.#options.onError(undefined);
  }

  /** Also while it only tries to be. */
  get #isOpen(): boolean {
    return [this.#current, this.#opening, this.#retry].some((each) => each !== undefined);
  }

  /** Ends every attempt to get a port. */
  #abandon(): void {
    clearTimeout(this.#retry);
    this.#retry = undefined;
    this.#end(this.#opening);
    this.#opening = undefined;
  }

  #end(server: Server | undefined): void {
    if (server === undefined) return;
    server.close();
    if (this.#counted.delete(server)) this.#options.sockets.unlisten();
  }

  async #try(retryDelay: number): Promise<void> {
    const { sockets, host } = this.#options;
    const server = createServer({ ...SOCKET_OPTIONS, pauseOnConnect: true });
    this.#opening = server;
    server.on('connection', (client) => this.#options.onClient(withLargeReads(client)));
    try {
      if (!sockets.listen()) throw NO_FILES;
      this.#counted.add(server);
      await listen(server, this.#wanted, host);
      // A failed accept, for example without a free file descriptor, does not end the listener.
      server.on('error', () => {});
      if (this.#opening !== server) return;
      this.#opening = undefined;
      this.#end(this.#current?.server);
      this.#wanted = portOf(server) ?? this.#wanted;
      this.#current = { server, port: this.#wanted };
      this.#options.onError(undefined);
    } catch (error) {
      this.#end(server);
      if (this.#opening !== server) return;
      this.#opening = undefined;
      this.#options.onError(explain(error as NodeJS.ErrnoException, this.#wanted));
      this.#retry = setTimeout(() => {
        this.#retry = undefined;
        void this.#try(Math.min(retryDelay * 2, LAST_RETRY));
      }, retryDelay);
    }
  }
}

const NO_FILES = Object.assign(new Error('Too many open files'), { code: 'EMFILE' });

/** Listens on the host, or on all addresses: on IPv4 alone where the machine has no IPv6. */
async function listen(server: Server, port: number, host: string | undefined): Promise<void> {
  if (host !== undefined) return listenOn(server, port, host);
  try {
    await listenOn(server, port, '::');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EAFNOSUPPORT' && code !== 'EADDRNOTAVAIL') throw error;
    await listenOn(server, port, '0.0.0.0');
  }
}

function listenOn(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    // Closed before it listened, while its host was being resolved for instance: it never will.
    server.once('close', resolve);
    server.listen({ port, host, backlog: BACKLOG }, () => {
      server.off('error', reject);
      server.off('close', resolve);
      resolve();
    });
  });
}

function portOf(server: Server): number | undefined {
  const address = server.address();
  return typeof address === 'object' ? address?.port : undefined;
}

function explain({ code, message }: NodeJS.ErrnoException, port: number): string {
  if (code === 'EADDRINUSE') {
    return `Port ${port} is already in use: choose another port, or stop the process that listens on it`;
  }
  if (code === 'EACCES') {
    return `Port ${port} needs privileges that this process does not have: choose one above 1023, or lower net.ipv4.ip_unprivileged_port_start`;
  }
  if (code === 'EMFILE') {
    return `Cannot listen on port ${port}: too many open files. Close connections, delete gates, or raise the limit of the process (ulimit -n)`;
  }
  return `Cannot listen on port ${port}: ${message}`;
}
