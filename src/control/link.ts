import { connect, createSecureContext, type TLSSocket } from 'node:tls';
import { isDeepStrictEqual } from 'node:util';
import {
  MAX_PROXY_MESSAGE,
  type OperatorMessage,
  type ProxyMessage,
  proxyMessage,
  type Report,
  type Snapshot,
} from './messages.ts';
import { PSK_TLS } from './psk.ts';
import { ProtocolError, readMessages, SILENCE_LIMIT, writeMessage } from './stream.ts';

export interface LinkOptions {
  readonly host: string;
  readonly port: number;
  /** Names the gate to the proxy. */
  readonly identity: string;
  readonly key: Buffer;
  /** The state is another one than `previous`. */
  onChange(previous: LinkState): void;
  /** A connection failed; for the log. */
  onError(error: Error): void;
}

/** What the operator knows of one proxy. */
export interface LinkState {
  /** The latest report; undefined while the proxy is unreachable. */
  readonly report: Report | undefined;
  /**
   * When the run of the report ends, in monotonic milliseconds; undefined when nothing ends it. The proxy never moves the
   * end of a run, so the first report of it tells.
   */
  readonly endsAt?: number | undefined;
  /** Why the proxy refused the latest snapshot. */
  readonly rejected: { readonly generation: number; readonly message: string } | undefined;
  /** How the proxy broke the protocol; the connection was closed for it, and there is no report. */
  readonly violation?: string;
}

type ReportMessage = Extract<ProxyMessage, { type: 'report' }>;

/** State of a proxy that has not reported yet. */
export const NOTHING_KNOWN: LinkState = { report: undefined, rejected: undefined };

/** One for all: of its own, each connection would take OpenSSL another 20 kB. */
const SECURE_CONTEXT = createSecureContext(PSK_TLS);

/** Milliseconds between pings. */
const PING_INTERVAL = 5_000;

/**
 * Messages that are taken from a proxy for each ping, beside one for each message that was sent to it. A proxy reports at
 * most every 50 ms.
 */
const MESSAGES_PER_PING = 200;

/** Milliseconds before the first and between later attempts to connect again; doubles in between. */
const FIRST_RETRY = 100;
const LAST_RETRY = 5_000;
/** The last one for a proxy that breaks the protocol: each attempt costs the operator a handshake. */
const LAST_RETRY_AFTER_VIOLATION = 60_000;

/** Milliseconds after which a connection counts as a success, and the next failure as the first one. */
const SUCCESS_TIME = 10_000;

/**
 * The operator's end of the control connection to one proxy. Connects again for as long as it is open,
 * and sends the latest snapshot again each time.
 */
export class ControlLink {
  readonly #options: LinkOptions;
  #socket: TLSSocket | undefined;
  /** The proxy has proven itself on the socket. */
  #isReady = false;
  #timer: NodeJS.Timeout | undefined;
  #retry = FIRST_RETRY;
  #readyAt = 0;
  /** Messages that the proxy may send before the next ping. */
  #credit = 0;
  #closed = false;
  #snapshot: Snapshot | undefined;
  #endsAt: number | undefined;
  /** The snapshot that went over this connection last. */
  #sent: Snapshot | undefined;
  #state: LinkState = NOTHING_KNOWN;

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

  /** For a proxy that does not know the run yet. @param endsAt monotonic milliseconds; undefined: all of the run remains */
  setEnd(endsAt: number | undefined): void {
    this.#endsAt = endsAt;
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
      this.#readyAt = performance.now();
      this.#credit = MESSAGES_PER_PING;
      this.#sent = undefined;
      this.#sendSnapshot();
      this.#timer = setInterval(() => {
        this.#credit = MESSAGES_PER_PING;
        this.#send({ type: 'ping' });
      }, PING_INTERVAL);
    });
    // What waits for a proxy that does not read is replaced by what is newer.
    socket.on('drain', () => this.#sendSnapshot());
    socket.on('timeout', () => socket.destroy(new Error(`No answer for ${SILENCE_LIMIT} ms`)));
    let violation: string | undefined;
    socket.on('error', (error) => {
      if (error instanceof ProtocolError) violation = error.message;
      this.#options.onError(error);
    });
    socket.on('close', () => this.#lost(violation));
    readMessages(socket, {
      schema: proxyMessage,
      maxBytes: MAX_PROXY_MESSAGE,
      onMessage: (message) => this.#take(message),
    });
  }

  #take(message: ProxyMessage): void {
    this.#credit -= 1;
    if (this.#credit < 0) {
      throw new ProtocolError(`More than ${MESSAGES_PER_PING} messages in ${PING_INTERVAL} ms`);
    }
    this.#update(
      message.type === 'report'
        ? {
            report: message.report,
            endsAt: this.#endOf(message),
            rejected: this.#state.rejected,
          }
        : { ...this.#state, rejected: message },
    );
  }

  #endOf({ report, remainingMilliseconds }: ReportMessage): number | undefined {
    const isSameRun = report.run?.number === this.#state.report?.run?.number;
    if (isSameRun && this.#state.endsAt !== undefined) return this.#state.endsAt;
    if (report.run === undefined || remainingMilliseconds === undefined) return undefined;
    return performance.now() + remainingMilliseconds;
  }

  #lost(violation: string | undefined): void {
    clearInterval(this.#timer);
    const wasReady = this.#isReady;
    this.#isReady = false;
    if (this.#closed) return;
    if (wasReady && performance.now() - this.#readyAt >= SUCCESS_TIME) this.#retry = FIRST_RETRY;
    this.#timer = setTimeout(() => this.#connect(), this.#retry);
    const last = violation === undefined ? LAST_RETRY : LAST_RETRY_AFTER_VIOLATION;
    this.#retry = Math.max(this.#retry, Math.min(this.#retry * 2, last));
    if (!wasReady) return;
    this.#update(violation === undefined ? NOTHING_KNOWN : { ...NOTHING_KNOWN, violation });
  }

  #sendSnapshot(): void {
    const isNewer = this.#snapshot !== this.#sent;
    if (this.#snapshot === undefined || !isNewer || this.#socket?.writableNeedDrain) return;
    const remains =
      this.#endsAt === undefined
        ? {}
        : { remainingMilliseconds: Math.max(0, Math.ceil(this.#endsAt - performance.now())) };
    if (this.#send({ type: 'apply', snapshot: this.#snapshot, ...remains })) {
      this.#sent = this.#snapshot;
    }
  }

  #send(message: OperatorMessage): boolean {
    if (!this.#isReady || this.#socket === undefined) return false;
    this.#credit += 1;
    writeMessage(this.#socket, message);
    return true;
  }

  /** Most ping replies carry no change; do not requeue thousands of gates for them. */
  #update(state: LinkState): void {
    const previous = this.#state;
    if (isDeepStrictEqual(state, previous)) return;
    this.#state = state;
    this.#options.onChange(previous);
  }
}
