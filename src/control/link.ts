import { connect, createSecureContext, type TLSSocket } from 'node:tls';
import { isDeepStrictEqual } from 'node:util';
import { readMessages, SILENCE_LIMIT, writeMessage } from './lines.ts';
import { type OperatorMessage, proxyMessage, type Report, type Snapshot } from './messages.ts';
import { PSK_TLS } from './psk.ts';

export interface LinkOptions {
  readonly host: string;
  readonly port: number;
  /** Names the gate to the proxy. */
  readonly identity: string;
  readonly key: Buffer;
  /** The state has changed. */
  onChange(): void;
  /** A connection failed; for the log. */
  onError(error: Error): void;
}

/** What the operator knows of one proxy. */
export interface LinkState {
  /** The latest report; undefined while the proxy can not be heard. */
  readonly report: Report | undefined;
  /** Why the proxy refused the latest snapshot. */
  readonly rejected: { readonly generation: number; readonly message: string } | undefined;
}

/** One for all: of its own, each connection would take OpenSSL another 20 kB. */
const SECURE_CONTEXT = createSecureContext(PSK_TLS);

/** Milliseconds between pings. */
const PING_INTERVAL = 5_000;

/** Milliseconds before the first and between later attempts to connect again; doubles in between. */
const FIRST_RETRY = 100;
const LAST_RETRY = 5_000;

/**
 * The operator's end of the control connection to one proxy. Connects again for as long as it is open,
 * and sends the latest snapshot anew each time.
 */
export class ControlLink {
  readonly #options: LinkOptions;
  #socket: TLSSocket | undefined;
  /** The proxy has proven itself on the socket. */
  #isReady = false;
  #timer: NodeJS.Timeout | undefined;
  #retry = FIRST_RETRY;
  #closed = false;
  #snapshot: Snapshot | undefined;
  #state: LinkState = { report: undefined, rejected: undefined };

  constructor(options: LinkOptions) {
    this.#options = options;
    this.#connect();
  }

  get state(): LinkState {
    return this.#state;
  }

  /** Makes the proxy run the snapshot, now or as soon as it can be reached. */
  push(snapshot: Snapshot): void {
    this.#snapshot = snapshot;
    this.#sendSnapshot();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#socket?.destroy();
  }

  #connect(): void {
    const { host, port, identity, key } = this.#options;
    const socket = connect({
      secureContext: SECURE_CONTEXT,
      host,
      port,
      timeout: SILENCE_LIMIT,
      pskCallback: () => ({ psk: key, identity }),
      // The key proves the proxy; there is no certificate to check.
      checkServerIdentity: () => undefined,
    });
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('secureConnect', () => {
      this.#isReady = true;
      this.#retry = FIRST_RETRY;
      this.#sendSnapshot();
      this.#timer = setInterval(() => this.#send({ type: 'ping' }), PING_INTERVAL);
    });
    socket.on('timeout', () => socket.destroy(new Error(`No answer for ${SILENCE_LIMIT} ms`)));
    socket.on('error', (error) => this.#options.onError(error));
    socket.on('close', () => this.#lost());
    readMessages(socket, proxyMessage, (message) => {
      this.#update(
        message.type === 'report'
          ? { report: message.report, rejected: this.#state.rejected }
          : { report: this.#state.report, rejected: message },
      );
    });
  }

  #lost(): void {
    clearInterval(this.#timer);
    const wasReady = this.#isReady;
    this.#isReady = false;
    if (this.#closed) return;
    this.#timer = setTimeout(() => this.#connect(), this.#retry);
    this.#retry = Math.min(this.#retry * 2, LAST_RETRY);
    if (wasReady) this.#update({ report: undefined, rejected: undefined });
  }

  #sendSnapshot(): void {
    if (this.#snapshot !== undefined) this.#send({ type: 'apply', snapshot: this.#snapshot });
  }

  #send(message: OperatorMessage): void {
    if (this.#isReady && this.#socket !== undefined) writeMessage(this.#socket, message);
  }

  /** Most answers to pings say what is known: no reason to look at a gate, every few seconds, for each of thousands. */
  #update(state: LinkState): void {
    if (isDeepStrictEqual(state, this.#state)) return;
    this.#state = state;
    this.#options.onChange();
  }
}
