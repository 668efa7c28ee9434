import { createServer as createTcpServer, type Server, type Socket } from 'node:net';
import {
  createServer as createTlsServer,
  type TLSSocket,
  type Server as TlsServer,
} from 'node:tls';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { OpenConnections } from '../limits/openConnections.ts';
import { MAX_ADDRESSES, TokenBuckets } from '../limits/tokenBuckets.ts';
import {
  fitting,
  MAX_OPERATOR_MESSAGE,
  MAX_REJECTION,
  type ProxyMessage,
  type Report,
  remaining,
  type Snapshot,
  snapshot,
} from './messages.ts';
import { PSK_TLS } from './psk.ts';
import { readMessages, SILENCE_LIMIT, writeMessage } from './stream.ts';

/** One gate, as the control port sees it. */
export interface ControlledGate {
  /** The gate's key, `KEY_BYTES` long. */
  readonly key: Buffer;
  /** Resolves when every open connection runs the snapshot; rejects with a message for people. */
  apply(snapshot: Snapshot, remainingMilliseconds: number | undefined): Promise<void>;
  report(): Report;
  /** What remains of the run that the report names; undefined when nothing ends it. */
  remainingMilliseconds(): number | undefined;
}

export interface ControlServerOptions {
  /** The gate that a client says it speaks for; undefined turns it away. */
  gate(identity: string): ControlledGate | undefined;
  /** A client was rejected or disconnected; for the log. */
  onError(error: Error): void;
  /** Milliseconds without a word until a client counts as lost. */
  readonly silenceLimit?: number;
  /** Connections at once that have not proven the key. Default: 256. */
  readonly maxUnproven?: number;
}

/** Counts change in bursts: a report waits this long for more of them, in milliseconds. */
const REPORT_DELAY = 50;

/** Connections that have not proven the key, where nobody says it. */
export const MAX_UNPROVEN = 256;

/** Milliseconds to prove the key. */
const HANDSHAKE_TIME = 5_000;

/** Handshakes per address: size of a burst, then one more per interval, in milliseconds. */
const HANDSHAKE_BURST = 100;
const HANDSHAKE_INTERVAL = 20;

/** Proven connections: an operator, its successor and their standby need no more. The oldest makes room. */
const MAX_PROVEN = 16;

/** The envelope alone: the snapshot is judged apart, so that a bad one gets an answer. */
const request = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ping') }),
  z.object({
    type: z.literal('apply'),
    snapshot: z.looseObject({ generation: z.int().min(1) }),
    ...remaining.shape,
  }),
]);

type ApplyRequest = Extract<z.infer<typeof request>, { type: 'apply' }>;

/**
 * The proxy's end of the control connections. Anyone who has the key gets in, however many others try without it: neither
 * idle connections nor bad handshakes take a place from it.
 */
export class ControlServer {
  readonly #options: ControlServerOptions;
  readonly #server: Server;
  readonly #tls: TlsServer;
  readonly #clients = new Map<TLSSocket, string>();
  readonly #pending = new Map<string, NodeJS.Timeout>();
  readonly #unproven: OpenConnections;
  readonly #handshakes = new TokenBuckets(HANDSHAKE_BURST, HANDSHAKE_INTERVAL, MAX_ADDRESSES);
  /** The TCP connections below TLS. */
  readonly #transports = new Set<Socket>();

  constructor(options: ControlServerOptions) {
    this.#options = options;
    this.#unproven = new OpenConnections(options.maxUnproven ?? MAX_UNPROVEN);
    const identities = new WeakMap<object, string>();
    this.#tls = createTlsServer(
      {
        ...PSK_TLS,
        handshakeTimeout: HANDSHAKE_TIME,
        pskCallback: (socket, identity) => {
          identities.set(socket, identity);
          return options.gate(identity)?.key ?? null;
        },
      },
      (socket) => {
        this.#unproven.release(socket);
        this.#serve(socket, identities.get(socket) ?? '');
      },
    );
    this.#tls.on('tlsClientError', options.onError);
    this.#server = createTcpServer((transport) => this.#meet(transport));
  }

  /** Rejects when the port is not available. Port 0 takes any; returns the port. */
  async listen(port: number, host?: string): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(
        { port, backlog: this.#unproven.backlog, ...(host === undefined ? {} : { host }) },
        () => {
          this.#server.off('error', reject);
          this.#server.on('error', this.#options.onError);
          resolve();
        },
      );
    });
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : port;
  }

  /** The gate has changed: its clients are notified soon. */
  changed(identity: string): void {
    if (this.#pending.has(identity)) return;
    this.#pending.set(
      identity,
      setTimeout(() => this.#report(identity), REPORT_DELAY),
    );
  }

  close(): void {
    for (const timer of this.#pending.values()) clearTimeout(timer);
    for (const transport of this.#transports) transport.destroy();
    this.#server.close();
  }

  #meet(transport: Socket): void {
    if (!this.#handshakes.take(transport.remoteAddress ?? '', performance.now())) {
      transport.resetAndDestroy();
      return;
    }
    this.#transports.add(transport);
    transport.once('close', () => this.#transports.delete(transport));
    this.#unproven.add(transport);
    this.#tls.emit('connection', transport);
  }

  #serve(socket: TLSSocket, identity: string): void {
    const gate = this.#options.gate(identity);
    if (gate === undefined) {
      socket.destroy();
      return;
    }
    this.#clients.set(socket, identity);
    if (this.#clients.size > MAX_PROVEN) this.#clients.keys().next().value?.destroy();
    socket.setNoDelay(true);
    // A node that is gone sends no FIN: its operator would occupy a slot forever.
    const { silenceLimit = SILENCE_LIMIT } = this.#options;
    const silence = setTimeout(
      () => socket.destroy(new Error(`No word for ${silenceLimit} ms`)),
      silenceLimit,
    );
    socket.on('close', () => {
      clearTimeout(silence);
      this.#clients.delete(socket);
    });
    socket.on('error', this.#options.onError);
    readMessages(socket, {
      schema: request,
      maxBytes: MAX_OPERATOR_MESSAGE,
      onMessage: (message) => {
        silence.refresh();
        if (message.type === 'ping') send(socket, reportOf(gate));
        else void this.#apply(socket, identity, gate, message);
      },
    });
    send(socket, reportOf(gate));
  }

  async #apply(
    socket: TLSSocket,
    identity: string,
    gate: ControlledGate,
    { snapshot: raw, remainingMilliseconds }: ApplyRequest,
  ): Promise<void> {
    try {
      await gate.apply(parseSnapshot(raw), remainingMilliseconds);
      this.#report(identity);
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      const message = fitting(text, MAX_REJECTION);
      send(socket, { type: 'rejected', generation: raw.generation, message });
    }
  }

  #report(identity: string): void {
    clearTimeout(this.#pending.get(identity));
    this.#pending.delete(identity);
    const gate = this.#options.gate(identity);
    if (gate === undefined) return;
    const message = reportOf(gate);
    for (const [socket, name] of this.#clients) {
      if (name === identity) send(socket, message);
    }
  }
}

function reportOf(gate: ControlledGate): ProxyMessage {
  const remainingMilliseconds = gate.remainingMilliseconds();
  return {
    type: 'report',
    report: gate.report(),
    ...(remainingMilliseconds === undefined ? {} : { remainingMilliseconds }),
  };
}

function send(socket: TLSSocket, message: ProxyMessage): void {
  writeMessage(socket, message);
}

/** A field that this version does not know would be left out in silence, and its fault with it. */
function parseSnapshot(raw: unknown): Snapshot {
  const parsed = snapshot.parse(raw);
  if (!isDeepStrictEqual(parsed, raw)) {
    throw new Error(
      'The proxy does not know every field of the gate: its version is older than the operator',
    );
  }
  return parsed;
}
