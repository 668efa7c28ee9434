import type { GateConfig } from '../../../src/gate/config.ts';
import type { Address } from '../actors/traffic.ts';

/** The result of applying a configuration. */
export type ApplyResult =
  | { readonly is: 'in force' }
  /** Nothing was changed. */
  | { readonly is: 'refused'; readonly why: string }
  /** It may be in force, now or later. */
  | { readonly is: 'unknown'; readonly why: string };

/** A gate, as its users see it. */
export interface TargetGate {
  readonly name: string;
  /** Where clients find it. */
  readonly address: Address;
  /** Applies it, and waits until the gate reports it in force. */
  apply(config: GateConfig): Promise<ApplyResult>;
  /** Applies a spec that every gate must reject; returns the answer. */
  offend(spec: Readonly<Record<string, unknown>>): Promise<ApplyResult>;
}

export interface Door extends Address {
  /** Index in `gates`. */
  readonly gate?: number;
}

/** One or more processes that run gates. */
export interface Target {
  readonly name: string;
  /** What it is, for the count of kills. */
  readonly kind: string;
  readonly gates: readonly TargetGate[];
  /** Where strangers reach it; those of a gate with the gate's number. */
  readonly doors: readonly Door[];
  /** Resolves when its gates can be asked for something. */
  start(): Promise<void>;
  /**
   * Ends it as the kernel would for want of memory, and starts it again; resolves when it serves.
   *
   * @param beforehand called when it has not much longer to live
   */
  kill(beforehand: () => void): Promise<void>;
  /** Fills its disk for a while; false where it has none that can be filled. */
  fillDisk(milliseconds: number): Promise<boolean>;
  /** What is wrong with it: it has ended by itself, for instance. */
  readonly trouble: string | undefined;
  /** Most memory that it had, in bytes; undefined where nothing counts it. */
  readonly peakBytes: number | undefined;
  stop(): Promise<void>;
}
