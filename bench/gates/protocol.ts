import type { Snapshot } from '../../src/control/messages.ts';

/** What one has to know of a gate to be its proxy: what its Secret holds. */
export interface MountedGate {
  readonly identity: string;
  /** Base64. */
  readonly key: string;
  readonly snapshot: Snapshot;
  /** Where its control port is, as that of a pod would be. */
  readonly ip: string;
}

export type PodsRequest =
  | { readonly do: 'add'; readonly gates: readonly MountedGate[] }
  /** Restarts the count of gates that received a message. */
  | { readonly do: 'forget' }
  | { readonly do: 'told' }
  /** Answered when the gate runs that generation. */
  | { readonly do: 'await'; readonly identity: string; readonly generation: number };

export interface PodsAnswer {
  /** Where each added gate accepts clients. */
  readonly ports?: readonly number[];
  readonly told?: number;
  /** Nanoseconds of the machine's monotonic clock. */
  readonly at?: string;
}

/** So many changes of a gate's count, through its status alone or through all that the gate needs. */
export interface CountsRequest {
  readonly way: 'status' | 'whole';
  readonly changes: number;
}

export interface CountsAnswer {
  /** Processor time of all changes. */
  readonly seconds: number;
}
