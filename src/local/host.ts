import { randomUUID } from 'node:crypto';
import { servicePort } from '../api/spec.ts';
import type { TcpGateStatus } from '../api/status.ts';
import type { TcpGate } from '../api/tcpgate.ts';
import type { Snapshot } from '../control/messages.ts';
import { Budget } from '../gate/budget.ts';
import type { DirectionName } from '../gate/directionName.ts';
import { joinHostPort } from '../gate/hostPort.ts';
import { Resolver } from '../gate/resolver.ts';
import type { Host, Hosted, HostedProxy, Obstacle, Outcome } from '../operator/host.ts';
import { snapshotOf } from '../operator/snapshot.ts';
import { HostedGate } from '../proxy/hostedGate.ts';
import { forClients } from './addresses.ts';
import { Ports } from './ports.ts';

export interface LocalHostOptions {
  /** Address that the gates listen on. */
  readonly listen: string;
  readonly resolver?: Resolver;
  /** Something in a gate is another thing than before. Comes often and at once. */
  onChange(key: string): void;
}

/** Bytes so far, by direction. */
export type Traffic = Readonly<Record<DirectionName, number>>;

interface Hosting {
  readonly uid: string;
  readonly gate: HostedGate;
  readonly traffic: Record<DirectionName, number>;
  /** The port that it is to listen on. */
  asked: number;
  /** What is in force. */
  snapshot: Snapshot | undefined;
}

/** Bounds on held bytes; the defaults of a proxy in a cluster. */
const CONNECTION_BYTES = 16 * 1024 * 1024;
const PROCESS_BYTES = 256 * 1024 * 1024;

/** In a cluster a pod hosts a gate; here this process does, which is there and needs no link. */
const THIS_PROCESS: Omit<HostedProxy, 'ready' | 'report'> = {
  name: 'this-process',
  running: true,
  terminating: false,
  rejected: undefined,
  endpoint: 'settled',
};

const DONE: Outcome = { stored: true, reachable: true, obstacle: undefined, error: undefined };

/** Runs the gates in this process. */
export class LocalHost implements Host {
  readonly #options: LocalHostOptions;
  readonly #resolver: Resolver;
  readonly #ports: Ports;
  readonly #budget = new Budget(PROCESS_BYTES);
  readonly #instance = randomUUID();
  readonly #hostings = new Map<string, Hosting>();
  readonly #closing = new Set<Promise<void>>();

  constructor(options: LocalHostOptions) {
    this.#options = options;
    this.#resolver = options.resolver ?? new Resolver();
    this.#ports = new Ports({ listen: options.listen, resolver: this.#resolver });
  }

  async ensure(key: string, gate: TcpGate, status: TcpGateStatus | undefined): Promise<Outcome> {
    const { uid, generation } = gate.metadata;
    if (this.#hostings.get(key)?.uid !== uid) this.remove(key);
    const before = this.#hostings.get(key);
    if (before?.snapshot?.generation === generation) return DONE;
    const port = await this.#ports.choose(key, gate.spec, portIn(status?.address));
    if (port === undefined) {
      const obstacle = loop(this.#place(servicePort(gate.spec)));
      return { ...DONE, reachable: false, obstacle };
    }
    const hosting = before ?? this.#open(key, uid, port);
    const snapshot = snapshotOf(gate, status);
    hosting.asked = port;
    await hosting.gate.listen(port);
    await hosting.gate.apply(snapshot);
    hosting.snapshot = snapshot;
    return DONE;
  }

  observe(key: string): Hosted {
    const hosting = this.#hostings.get(key);
    if (hosting === undefined) {
      return { address: undefined, proxies: [], trouble: undefined };
    }
    const { gate, asked } = hosting;
    const { port = asked, listenError } = gate.state ?? {};
    // Until another port can be had, a gate listens where it did; a new one nowhere.
    const isListening = listenError === undefined || port !== asked;
    return {
      address: isListening ? this.#place(port) : undefined,
      proxies: [{ ...THIS_PROCESS, ready: gate.notReady === undefined, report: gate.report() }],
      trouble: undefined,
    };
  }

  remove(key: string): void {
    this.#ports.release(key);
    const hosting = this.#hostings.get(key);
    if (hosting === undefined) return;
    this.#hostings.delete(key);
    const closing = hosting.gate.close();
    this.#closing.add(closing);
    void closing.then(() => this.#closing.delete(closing));
  }

  /** What went through the gate so far; undefined when it is not hosted. */
  traffic(key: string): Traffic | undefined {
    return this.#hostings.get(key)?.traffic;
  }

  /** What is in force on every open connection of the gate. */
  config(key: string): Snapshot['config'] | undefined {
    return this.#hostings.get(key)?.snapshot?.config;
  }

  /** Closes all gates in order. */
  async close(): Promise<void> {
    for (const key of [...this.#hostings.keys()]) this.remove(key);
    await Promise.all(this.#closing);
  }

  #open(key: string, uid: string, port: number): Hosting {
    const traffic = { toServer: 0, toClient: 0 };
    const gate = new HostedGate({
      // Nobody connects to this process to tell it what to do.
      key: Buffer.alloc(0),
      instance: this.#instance,
      gate: {
        listen: { port, host: this.#options.listen },
        connectionBytes: CONNECTION_BYTES,
        budget: this.#budget,
        resolver: this.#resolver,
        observer: {
          changed: () => this.#options.onChange(key),
          bytes: (direction, count) => {
            traffic[direction] += count;
          },
        },
      },
      onApplied: () => {},
    });
    const hosting: Hosting = { uid, gate, traffic, asked: port, snapshot: undefined };
    this.#hostings.set(key, hosting);
    return hosting;
  }

  #place(port: number): string {
    return joinHostPort(forClients(this.#options.listen), port);
  }
}

function portIn(address: string | undefined): number | undefined {
  const port = Number(/:(\d+)$/.exec(address ?? '')?.[1]);
  return Number.isInteger(port) && port > 0 ? port : undefined;
}

function loop(place: string): Obstacle {
  return {
    lasting: true,
    reason: 'UpstreamIsGate',
    message: `The gate would connect to itself: ${place} is its upstream too. Set spec.listen.port to another port`,
  };
}
