import type { GateConfig } from './config.ts';
import { GatePort, type GatePortOptions } from './gatePort.ts';
import type { PortConfig } from './portConfig.ts';
import { NOT_TRIED, type UpstreamState } from './upstream.ts';
import { MOST_WAITING } from './waitingRoom.ts';

export interface GatePortsOptions extends Omit<GatePortOptions, 'listen' | 'hasRoom'> {
  /** The port where no others are asked for; 0 takes any. All addresses if there is no host. */
  readonly listen: { readonly port?: number; readonly host?: string };
}

export interface GatePortsState {
  /** The port that it listens on, or will once it accepts clients; with several ports, the first. */
  readonly port: number;
  /** Clients that wait at all of them. */
  readonly held: number;
  /** Unreachable while the server of any port is that faults touch; its message names that port. */
  readonly upstream: UpstreamState;
  /** Which ports cannot be listened on, and why; undefined when all is as configured. */
  readonly listenError: string | undefined;
}

/** Ports by what tells them apart from one plan to the next. */
type PortPlan = ReadonlyMap<number, PortConfig>;

/** Of the port that the gate was made with: no configuration can ask for it. */
const OWN = 0;

/** The ports of a gate: those of its configuration, or else the one that it was made with. */
export class GatePorts {
  readonly #options: GatePortsOptions;
  /** As in the plan. */
  readonly #ports = new Map<number, GatePort>();
  #own: number | undefined;

  constructor(options: GatePortsOptions) {
    this.#options = options;
    this.#own = options.listen.port;
  }

  get state(): GatePortsState {
    const ports = [...this.#ports.values()];
    const errors = ports.flatMap(({ listenError }) => listenError ?? []);
    return {
      port: ports[0]?.port ?? this.#own ?? 0,
      held: this.#held,
      upstream: upstreamOf(ports),
      listenError: errors.length === 0 ? undefined : errors.join('; '),
    };
  }

  /** What `apply` is to make of these ports, or of none. Throws when there is no port at all. */
  plan({ upstream }: GateConfig, ports: readonly PortConfig[] | undefined): PortPlan {
    if (ports !== undefined) return new Map(ports.map((each) => [each.listen, each]));
    if (this.#own === undefined)
      throw new Error('The gate has no port: neither its start nor this snapshot names one');
    return new Map([[OWN, { listen: this.#own, upstream: upstream.port, faults: true }]]);
  }

  /**
   * Listens on these ports and no others; one that stays is not closed. Resolves when each accepts clients, or knows why
   * not. `settle` must follow.
   */
  async apply(config: GateConfig, wanted: PortPlan): Promise<void> {
    for (const [key, port] of this.#ports) {
      if (wanted.has(key)) continue;
      this.#ports.delete(key);
      port.close();
    }
    await Promise.all(
      [...wanted].map(([key, each]) => this.#port(key, each.listen).apply(config, each)),
    );
  }

  /** See `GatePort`; of all. */
  settle(): void {
    for (const port of this.#ports.values()) port.settle();
  }

  /** Moves the port that the gate was made with, see `Listener.move`; those of a configuration stay. */
  async move(port: number): Promise<void> {
    this.#own = port;
    await this.#ports.get(OWN)?.move(port);
  }

  /** See `GatePort`; all. */
  close(): void {
    for (const port of this.#ports.values()) port.close();
  }

  get #held(): number {
    return [...this.#ports.values()].reduce((sum, { held }) => sum + held, 0);
  }

  #port(key: number, number: number): GatePort {
    const there = this.#ports.get(key);
    if (there !== undefined) return there;
    const port = new GatePort({
      ...this.#options,
      listen: { ...this.#options.listen, port: number },
      hasRoom: () => this.#held < MOST_WAITING,
    });
    this.#ports.set(key, port);
    return port;
  }
}

/** What is true of a part of them would hide what is not of the others. */
function upstreamOf(ports: readonly GatePort[]): UpstreamState {
  const states = ports.filter(({ isTouched }) => isTouched).map(({ upstream }) => upstream);
  return (
    states.find(({ reachable }) => reachable === false) ??
    states.find(({ reachable }) => reachable) ??
    NOT_TRIED
  );
}
