import type { TcpGateStatus } from '../api/status.ts';
import type { TcpGate } from '../api/tcpgate.ts';
import type { LinkState } from '../control/link.ts';
import type { EndpointState } from './endpoints.ts';
import type { CurrentRun } from './gateRuns.ts';

/** What stands in the way of a gate. */
export interface Obstacle {
  /** Nothing but a change by the user helps. */
  readonly lasting: boolean;
  readonly reason: string;
  readonly message: string;
}

/** How far a host came with what a gate needs. */
export interface Outcome {
  /** The stored snapshot is that of this generation: a proxy that starts now runs it. */
  readonly stored: boolean;
  /** Whoever connects to the gate's address is led to its proxies, if any run. */
  readonly reachable: boolean;
  readonly obstacle: Obstacle | undefined;
  /** What to retry for, with backoff. */
  readonly error: unknown;
}

/** A process that hosts a gate, and what it said last. */
export interface HostedProxy extends LinkState {
  /** Of its pod. */
  readonly name: string;
  readonly ready: boolean;
  /** It may carry connections. */
  readonly running: boolean;
  readonly terminating: boolean;
  /** How far clients are led to it by the gate's address; undefined: not at all. */
  readonly endpoint: EndpointState | undefined;
}

/** It carries connections, as far as is known: what is said of a gate has to be true of it. */
export function isLive({ report, running, terminating }: HostedProxy): boolean {
  return report !== undefined || (running && !terminating);
}

/** What there is of a gate at a host. */
export interface Hosted {
  /** Where clients connect, as host:port; undefined while nothing of the gate's is there. */
  readonly address: string | undefined;
  /** undefined before the host was asked to make the gate run its spec. */
  readonly run: CurrentRun | undefined;
  readonly proxies: readonly HostedProxy[];
  /** Why there is no proxy, or no new one beside the one that serves; undefined when nothing says so. */
  readonly trouble: string | undefined;
}

/** Where gates run: in pods of a cluster, or in this process. Keys are namespace/name. */
export interface Host {
  /** Makes the gate run its spec. Resolves when all that could be done at once is done. */
  ensure(key: string, gate: TcpGate, status: TcpGateStatus | undefined): Promise<Outcome>;
  observe(key: string, gate: TcpGate): Hosted;
  /** The gate is gone: frees what it had here. */
  remove(key: string): void;
}
