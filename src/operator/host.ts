import type { TcpGateStatus } from '../api/status.ts';
import type { TcpGate } from '../api/tcpgate.ts';
import type { LinkState } from '../control/link.ts';
import type { Obstacle, ProxyPod } from './observed.ts';

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
