import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';

/** Milliseconds between questions, and until one is given up. */
const INTERVAL = 1_000;
const PATIENCE = 5_000;

/** Asks over one connection, once a second, and prints the result: `0.4 ms`, `no answer for 2 s`, `refused`. */
export class LineClient {
  readonly #port: number;
  readonly #say: (what: string) => void;
  readonly #timer: NodeJS.Timeout;
  #socket: Socket | undefined;
  #count = 0;
  /** When the question was asked that has no answer yet. */
  #askedAt: number | undefined;

  constructor(port: number, say: (what: string) => void) {
    this.#port = port;
    this.#say = say;
    this.#timer = setInterval(() => this.#tick(), INTERVAL);
    this.#tick();
  }

  close(): void {
    clearInterval(this.#timer);
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.destroy();
  }

  #tick(): void {
    if (this.#askedAt === undefined) {
      this.#ask();
      return;
    }
    const waited = performance.now() - this.#askedAt;
    this.#say(`no answer for ${Math.round(waited / 1_000)} s`);
    if (waited < PATIENCE) return;
    this.#say('gives up and reconnects');
    this.#socket?.resetAndDestroy();
    this.#socket = undefined;
    this.#askedAt = undefined;
  }

  #ask(): void {
    this.#count += 1;
    this.#askedAt = performance.now();
    this.#socket ??= this.#connect();
    this.#socket.write(`question ${this.#count}\n`);
  }

  #connect(): Socket {
    const socket = connect({ port: this.#port, host: '127.0.0.1', noDelay: true });
    let reason = 'closed';
    socket.on('error', ({ code }: NodeJS.ErrnoException) => {
      reason = { ECONNREFUSED: 'refused', ECONNRESET: 'reset' }[code ?? ''] ?? code ?? reason;
    });
    socket.on('close', () => {
      if (this.#socket !== socket) return;
      this.#socket = undefined;
      this.#askedAt = undefined;
      this.#say(`connection ${reason}`);
    });
    createInterface({ input: socket })
      .on('line', () => this.#answered())
      .on('error', () => {});
    return socket;
  }

  #answered(): void {
    if (this.#askedAt === undefined) return;
    this.#say(`${(performance.now() - this.#askedAt).toFixed(1)} ms`);
    this.#askedAt = undefined;
  }
}
