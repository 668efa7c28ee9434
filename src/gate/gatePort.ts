import type { Socket } from 'node:net';
import type { GateConfig } from './config.ts';
import type { UpstreamFailure } from './dial.ts';
import type { GateSockets } from './gateSockets.ts';
import { Listener } from './listener.ts';
import type { PortConfig } from './portConfig.ts';
import type { Resolver } from './resolver.ts';
import { ignore, reset } from './sockets.ts';
import { Upstream, type UpstreamState } from './upstream.ts';
import { WaitingRoom } from './waitingRoom.ts';

export interface GatePortOptions {
  /** Port 0 takes any; all addresses if there is no host. */
  readonly listen: { readonly port: number; readonly host?: string };
  readonly sockets: GateSockets;
  readonly resolver: Resolver;
  /** Whether one more client may wait. */
  hasRoom(): boolean;
  /** Whether a client that was let in may stay. */
  admit(client: Socket): boolean;
  /** Resolves when the client is connected through, or reset. */
  serve(client: Socket, port: GatePort): Promise<void>;
  /** Any part of its state is another one. */
  onChange(): void;
  onConnectFailed(reason: UpstreamFailure): void;
  /** A client is about to be reset because as many wait as may. */
  onFull(): void;
}

/** One port of a gate: lets clients in, or does not, and knows the way to their server. */
export class GatePort {
  readonly #options: GatePortOptions;
  readonly #listener: Listener;
  readonly #upstream: Upstream;
  /** Clients that came while new connections are on hold, and those of them that are not served yet. */
  readonly #waiting: WaitingRoom;
  #newConnections: GateConfig['newConnections'] = 'Accept';
  #isTouched = true;
  #listenError: string | undefined;

  constructor(options: GatePortOptions) {
    this.#options = options;
    const { listen, sockets, resolver, hasRoom, onChange, onConnectFailed, onFull } = options;
    this.#listener = new Listener({
      ...listen,
      sockets,
      onClient: (client) => this.#take(client),
      onError: (error) => {
        if (this.#listenError === error) return;
        this.#listenError = error;
        onChange();
      },
    });
    this.#upstream = new Upstream({ resolver, onChange, onConnectFailed });
    this.#waiting = new WaitingRoom({ hasRoom, onChange, onFull });
  }

  /** Whether the gate's faults touch what comes in here, and what came in here last. */
  get isTouched(): boolean {
    return this.#isTouched;
  }

  /** The port that it listens on, or will once it accepts clients. */
  get port(): number {
    return this.#listener.port;
  }

  /** Clients that wait. */
  get held(): number {
    return this.#waiting.size;
  }

  get upstream(): UpstreamState {
    return this.#upstream.state;
  }

  /** Why it cannot listen; undefined when all is as configured. */
  get listenError(): string | undefined {
    return this.#listenError;
  }

  /**
   * Applies to new clients from now on. Resolves when it accepts clients, or knows why not. `settle` must follow.
   */
  async apply(config: GateConfig, { upstream, faults }: PortConfig): Promise<void> {
    this.#isTouched = faults;
    this.#newConnections = faults ? config.newConnections : 'Accept';
    this.#upstream.setAddress({ ...config.upstream, port: upstream });
    if (this.#newConnections === 'Refuse') this.#listener.close();
    else await this.#listener.open();
  }

  /** Clients that wait are new connections still: they meet what those meet now. */
  settle(): void {
    const { serve } = this.#options;
    if (this.#newConnections === 'Accept') this.#waiting.open((client) => serve(client, this));
    else this.#waiting.close();
    if (this.#newConnections === 'Refuse' || this.#newConnections === 'Reset') {
      this.#waiting.clear();
    }
  }

  /** See `Upstream.connect`. */
  connect(
    client: Socket,
    signal: AbortSignal,
    onAttempt: (socket: Socket) => void,
  ): Promise<Socket> {
    return this.#upstream.connect(client, signal, onAttempt);
  }

  /** See `Listener.move`. */
  async move(port: number): Promise<void> {
    await this.#listener.move(port);
    this.#options.onChange();
  }

  /** Stops accepting clients permanently, and resets waiting ones. It does not own open connections. */
  close(): void {
    this.#listener.close();
    this.#upstream.close();
    this.#waiting.close();
    this.#waiting.clear();
  }

  /** A listening socket has let a client in. */
  #take(client: Socket): void {
    // A client may disconnect at any time; its connection has its own listeners.
    client.on('error', ignore);
    if (!this.#options.admit(client)) {
      reset(client);
      return;
    }
    // Reads a few bytes into the socket's own buffer: an end is only seen by those who read.
    client.read(0);
    if (this.#newConnections === 'Hold') this.#waiting.add(client);
    else if (this.#newConnections === 'Accept') void this.#options.serve(client, this);
    else reset(client);
  }
}
