import type { Socket } from 'node:net';
import { BACKLOG } from './listener.ts';
import { reset, setKeepAlive } from './sockets.ts';

/** Clients that wait at once: like a server that does not accept, a gate holds as many as its backlog. */
export const MOST_WAITING = BACKLOG;

/**
 * Milliseconds between keep-alive probes of a client that waits. Nothing but its kernel's answer tells whether a client
 * that has sent bytes and FIN waits for an answer or is gone: the kernel acknowledges a probe as long as it knows the
 * connection, and resets it afterwards. Linux forgets a connection 60 s after its client closed it (tcp(7),
 * tcp_fin_timeout).
 */
const PROBE_INTERVAL = 15_000;

/** Milliseconds between probes for clients that sent RST; see `ResetProbe`. */
const RESET_PROBE_INTERVAL = 1_000;

/** Clients that are served at once, and the milliseconds after which one of them no longer counts. */
const SERVED_AT_ONCE = 64;
const SERVING_TIME = 20;

const NOTHING = Buffer.alloc(0);

export interface WaitingRoomOptions {
  /** Whether one more may wait: other rooms may share the places. */
  hasRoom(): boolean;
  /** There are more or fewer clients. */
  onChange(): void;
  /** As many clients wait as may: this one is about to be reset. */
  onFull(client: Socket): void;
}

/**
 * Clients that wait to be served. One that ends without sending bytes (FIN) or resets (RST) is dropped; one that has sent bytes
 * and FIN may wait for an answer, and stays as long as there is room for others.
 */
export class WaitingRoom {
  readonly #options: WaitingRoomOptions;
  /** Each with the function that stops watching it; the oldest first. */
  readonly #open = new Map<Socket, () => void>();
  /** The same of those that have sent bytes and FIN. */
  readonly #ended = new Map<Socket, () => void>();
  #timer: NodeJS.Timeout | undefined;
  #serve: ((client: Socket) => Promise<void>) | undefined;
  #beingServed = 0;

  constructor(options: WaitingRoomOptions) {
    this.#options = options;
  }

  /** How many wait. */
  get size(): number {
    return this.#open.size + this.#ended.size;
  }

  /** A client begins to wait. */
  add(client: Socket): void {
    if (!this.#options.hasRoom() && !this.#makeRoom()) {
      this.#turnAway(client);
      return;
    }
    setKeepAlive(client, PROBE_INTERVAL);
    this.#open.set(client, this.#watch(client));
    this.#timer ??= setInterval(() => this.#probe(), RESET_PROBE_INTERVAL).unref();
    this.#options.onChange();
  }

  /**
   * From now on clients are served, a few at a time: the oldest first, and those that have sent FIN last. `serve` resolves
   * when the client is connected, or reset.
   */
  open(serve: (client: Socket) => Promise<void>): void {
    this.#serve = serve;
    this.#next();
  }

  /** From now on clients wait. */
  close(): void {
    this.#serve = undefined;
  }

  /** Resets all. */
  clear(): void {
    for (const client of this.#inOrder()) {
      this.#leave(client);
      reset(client);
    }
  }

  #watch(client: Socket): () => void {
    let length = 0;
    // Comes with bytes, and once more with the FIN behind them.
    const onReadable = () => {
      if (client.readableLength === length) this.#end(client);
      length = client.readableLength;
    };
    const onEnd = () => client.destroy();
    const onClose = () => this.#leave(client);
    client.on('readable', onReadable).on('end', onEnd).on('close', onClose);
    return () => {
      client.off('readable', onReadable).off('end', onEnd).off('close', onClose);
    };
  }

  #end(client: Socket): void {
    const stop = this.#open.get(client);
    if (stop === undefined) return;
    this.#open.delete(client);
    this.#ended.set(client, stop);
  }

  #leave(client: Socket): void {
    const stop = this.#open.get(client) ?? this.#ended.get(client);
    if (stop === undefined) return;
    stop();
    this.#open.delete(client);
    this.#ended.delete(client);
    if (this.size === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
    }
    this.#options.onChange();
  }

  /** Drops the client that has waited longest after its FIN; false when there is none. */
  #makeRoom(): boolean {
    const [oldest] = this.#ended.keys();
    if (oldest === undefined) return false;
    this.#leave(oldest);
    this.#turnAway(oldest);
    return true;
  }

  #turnAway(client: Socket): void {
    this.#options.onFull(client);
    reset(client);
  }

  #probe(): void {
    for (const client of this.#inOrder()) client.write(NOTHING);
  }

  #inOrder(): Socket[] {
    return [...this.#open.keys(), ...this.#ended.keys()];
  }

  #next(): void {
    while (this.#serve !== undefined && this.#beingServed < SERVED_AT_ONCE) {
      const [client] = this.#open.size > 0 ? this.#open.keys() : this.#ended.keys();
      if (client === undefined) return;
      this.#leave(client);
      setKeepAlive(client);
      this.#count(this.#serve(client));
    }
  }

  /** An upstream that does not answer holds up nobody. */
  #count(serving: Promise<void>): void {
    let isCounted = true;
    const end = () => {
      if (!isCounted) return;
      isCounted = false;
      clearTimeout(timer);
      this.#beingServed -= 1;
      this.#next();
    };
    this.#beingServed += 1;
    const timer = setTimeout(end, SERVING_TIME);
    void serving.then(end);
  }
}
