import type { TcpGateStatus } from '../api/status.ts';
import type { TcpGate } from '../api/tcpgate.ts';
import type { LinkState } from '../control/link.ts';
import type { KubeObject } from '../kube/objects.ts';
import type { EndpointState } from './endpoints.ts';
import type { CurrentRun } from './gateRuns.ts';

/** What keeps a gate from running its spec. */
export interface Problem {
  /** Only a change by the user can solve it. */
  readonly terminal: boolean;
  readonly reason: string;
  readonly message: string;
}

/** How much of what a gate needs is in place. */
export interface EnsureResult {
  /** The stored snapshot is that of this generation: a proxy that starts now runs it. */
  readonly stored: boolean;
  /** The gate's address leads to its proxies, if any run. */
  readonly reachable: boolean;
  readonly problem: Problem | undefined;
  /** Of a gate with `service`: whether it is in front of it. */
  readonly inFront?: boolean;
  /** Milliseconds after which to ensure again, for what nothing tells. */
  readonly againMilliseconds?: number | undefined;
  /** Retry with backoff. */
  readonly error: unknown;
}

/** A process that runs a gate, and its last report. */
export interface ProxyState extends LinkState {
  /** Name of its pod. */
  readonly name: string;
  readonly ready: boolean;
  /** It may carry connections. */
  readonly running: boolean;
  readonly terminating: boolean;
  /** Whether the gate's address leads clients to it; undefined when no EndpointSlice lists it. */
  readonly endpoint: EndpointState | undefined;
}

/** It may carry connections, so the gate's status must be true of it. */
export function isLive({ report, running, terminating }: ProxyState): boolean {
  return report !== undefined || (running && !terminating);
}

/** What currently exists of a gate. */
export interface RuntimeState {
  /** Where clients connect, as host:port; undefined while nothing listens. */
  readonly address: string | undefined;
  /** undefined before the first `ensure`. */
  readonly run: CurrentRun | undefined;
  readonly proxies: readonly ProxyState[];
  /** Why there is no proxy, or no new one next to the serving one; undefined when no cause is known. */
  readonly trouble: string | undefined;
}

/** Where gates run: in pods of a cluster, or in this process. Keys are namespace/name. */
export interface GateRuntime {
  /** Makes the gate run its spec. Resolves when everything that can be done now is done. */
  ensure(key: string, gate: TcpGate, status: TcpGateStatus | undefined): Promise<EnsureResult>;
  observe(key: string, gate: TcpGate): RuntimeState;
  /** The gate is deleted, and perhaps held by a finalizer until this is done. undefined: nothing holds it. */
  leave?(
    key: string,
    gate: KubeObject,
    status: TcpGateStatus | undefined,
  ): Promise<EnsureResult | undefined>;
  /** The gate is deleted: frees what it used here. */
  remove(key: string): void;
}
