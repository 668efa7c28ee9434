import { randomUUID } from 'node:crypto';
import type { Snapshot } from '../../src/control/messages.ts';
import { Budget } from '../../src/gate/budget.ts';
import { Resolver } from '../../src/gate/resolver.ts';
import { HostedGate } from '../../src/proxy/hostedGate.ts';
import { ProxyMetrics } from '../../src/proxy/metrics.ts';
import { BUFFERS } from '../buffers.ts';

/** A port for the first gate of a machine: below those that the kernel chooses from (ip_local_port_range). */
export const FIRST_PORT = 15_000;

export interface HostedGatesObserver {
  changed?(identity: string): void;
  applied?(identity: string, snapshot: Snapshot): void;
}

/** Many gates in one process, each as a proxy hosts its one: with metrics, and told by snapshots. */
export class HostedGates {
  readonly #gates = new Map<string, HostedGate>();
  readonly #metrics = new ProxyMetrics();
  readonly #budget = new Budget(BUFFERS.processBytes);
  readonly #resolver = new Resolver();
  readonly #observer: HostedGatesObserver;
  readonly #firstPort: number;

  /** @param firstPort the gates take this and the following ports; to look for one that is free takes the longer the more there are */
  constructor(firstPort: number, observer: HostedGatesObserver = {}) {
    this.#firstPort = firstPort;
    this.#observer = observer;
  }

  get(identity: string): HostedGate | undefined {
    return this.#gates.get(identity);
  }

  /** A gate without a snapshot; it listens on the loopback address when it has one. */
  add(identity: string, key: Buffer): HostedGate {
    const [namespace = '', name = ''] = identity.split('/');
    const observer = this.#metrics.add(
      { namespace, gate: name },
      { state: () => hosted.state, generation: () => hosted.generation },
    );
    const hosted = new HostedGate({
      key,
      instance: randomUUID(),
      gate: {
        listen: { port: this.#firstPort + this.#gates.size, host: '127.0.0.1' },
        connectionBytes: BUFFERS.connectionBytes,
        budget: this.#budget,
        resolver: this.#resolver,
        observer: { ...observer, changed: () => this.#observer.changed?.(identity) },
      },
      onApplied: (snapshot, seconds) => {
        observer.applied(seconds);
        this.#observer.applied?.(identity, snapshot);
      },
    });
    this.#gates.set(identity, hosted);
    return hosted;
  }

  /** To all but the first so many, one after another. */
  async applyToAll(snapshot: Snapshot, but: number): Promise<void> {
    for (const gate of [...this.#gates.values()].slice(but)) await gate.apply(snapshot);
  }
}
