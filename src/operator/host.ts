import type { TcpGateStatus } from '../api/status.ts';
import type { TcpGate } from '../api/tcpgate.ts';
import type { LinkState } from '../control/link.ts';
import type { EndpointState } from './endpoints.ts';

/** A pod of a gate, as far as the operator cares. */
export interface ProxyPod {
  readonly uid: string;
  readonly name: string;
  /** undefined until the pod has an address. */
  readonly ip: string | undefined;
  readonly ready: boolean;
  /** Its container runs: it may carry connections. */
  readonly running: boolean;
  readonly terminating: boolean;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** Why it is not ready and will not soon be; undefined as long as it seems to be starting. */
  readonly trouble: string | undefined;
}

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

/** What there is of a gate at a host. */
export interface Hosted {
  /** Where clients connect, as host:port; undefined while nothing of the gate's is there. */
  readonly address: string | undefined;
  readonly pods: readonly ProxyPod[];
  /** By uid of the pod; none for a pod that has no address yet. */
  readonly links: ReadonlyMap<string, LinkState>;
  /** Where the address leads to, by uid of the pod. */
  readonly endpoints: ReadonlyMap<string, EndpointState>;
  /** Why there is no pod where there should be one; undefined when nothing says so. */
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
