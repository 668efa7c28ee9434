import type { StoredSnapshot } from '../control/storedSnapshot.ts';
import { Budget } from '../gate/budget.ts';
import type { GateSockets } from '../gate/gateSockets.ts';
import type { Resolver } from '../gate/resolver.ts';
import { ManagedGate } from './managedGate.ts';
import { type GateNumbers, type Numbers, TRAFFIC_ALONE, type Traffic } from './numbers.ts';

export interface GatesOptions {
  /** Address that the gates listen on. Default: all. */
  readonly host?: string;
  /** Bounds on held bytes, for one direction of a connection, and for all gates together. */
  readonly buffers: { readonly connectionBytes: number; readonly processBytes: number };
  readonly resolver: Resolver;
  /** Of all gates of the process. Default: no bound. */
  readonly sockets?: GateSockets;
  /** Default: bytes alone are counted. */
  readonly numbers?: Numbers;
  /** Differs from process to process. */
  readonly instance: string;
  /** Something in a gate is another thing than before. Comes often and at once. */
  onChange(identity: string): void;
  /** A snapshot is in force on every open connection of a gate. */
  onApplied?(identity: string, snapshot: StoredSnapshot): void;
}

/** What a gate is added with. */
export interface GateSettings {
  /** Port to listen on once it has a snapshot that names none; 0 takes any. Absent: its snapshots name theirs. */
  readonly port?: number | undefined;
  /** Anyone who has it may control the gate through a control port. */
  readonly key?: Buffer;
}

interface Held {
  readonly gate: ManagedGate;
  readonly numbers: GateNumbers;
}

/** Of a gate that no control port serves. */
const NO_KEY = Buffer.alloc(0);

/**
 * The gates of one process, by identity: namespace/name. They share a budget of held bytes, sockets, a resolver and what
 * counts for them. A proxy, `chaosgate up`, the library and the benchmark host gates by it alone.
 */
export class Gates {
  readonly #options: GatesOptions;
  readonly #budget: Budget;
  readonly #gates = new Map<string, Held>();
  readonly #closing = new Set<Promise<void>>();

  constructor(options: GatesOptions) {
    this.#options = options;
    this.#budget = new Budget(options.buffers.processBytes);
  }

  get(identity: string): ManagedGate | undefined {
    return this.#gates.get(identity)?.gate;
  }

  /** Bytes that went through the gate so far; undefined for one that is not here. */
  traffic(identity: string): Traffic | undefined {
    return this.#gates.get(identity)?.numbers.traffic;
  }

  /** Connections that are open in all gates. */
  get active(): number {
    return this.#all.reduce((sum, { state }) => sum + (state?.connections.active ?? 0), 0);
  }

  /** Why one of the gates does not do what it is told; undefined when all do. */
  get notReady(): string | undefined {
    return this.#all.find(({ notReady }) => notReady !== undefined)?.notReady;
  }

  /** A gate without a snapshot, which does not listen yet, in place of one of the same identity. */
  add(identity: string, { port, key = NO_KEY }: GateSettings): ManagedGate {
    this.remove(identity);
    const { host, buffers, resolver, sockets, instance, onChange, onApplied } = this.#options;
    const { numbers: count = TRAFFIC_ALONE } = this.#options;
    const [namespace = '', name = ''] = identity.split('/');
    const numbers = count.add(
      { namespace, gate: name },
      {
        state: () => gate.state,
        generation: () => gate.generation,
        isFaulty: () => gate.isFaulty,
        secondsLeft: () => gate.secondsLeft,
      },
    );
    const gate = new ManagedGate({
      key,
      instance,
      gate: {
        listen: {
          ...(port === undefined ? {} : { port }),
          ...(host === undefined ? {} : { host }),
        },
        connectionBytes: buffers.connectionBytes,
        budget: this.#budget,
        resolver,
        ...(sockets === undefined ? {} : { sockets }),
        observer: { ...numbers.observer, changed: () => onChange(identity) },
      },
      onApplied: (snapshot, seconds) => {
        numbers.applied(seconds);
        onApplied?.(identity, snapshot);
      },
    });
    this.#gates.set(identity, { gate, numbers });
    return gate;
  }

  /** Closes the gate in order; another one may have its identity at once. */
  remove(identity: string): void {
    const held = this.#gates.get(identity);
    if (held === undefined) return;
    this.#gates.delete(identity);
    const closing = held.gate.close().then(() => held.numbers.remove());
    this.#closing.add(closing);
    void closing.then(() => this.#closing.delete(closing));
  }

  /** Closes all gates in order. */
  async close(): Promise<void> {
    for (const identity of [...this.#gates.keys()]) this.remove(identity);
    await Promise.all(this.#closing);
  }

  get #all(): ManagedGate[] {
    return [...this.#gates.values()].map(({ gate }) => gate);
  }
}
