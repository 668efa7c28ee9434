import type { GateConfig } from '../../../src/gate/config.ts';
import type { Address } from '../actors/traffic.ts';

/** What a gate is asked for. */
export interface Asked {
  readonly config: GateConfig;
  readonly run: RunRequest;
}

/** When the faults of a configuration are in force. */
export interface RunRequest {
  /** Another one restarts the time. */
  readonly nonce: string;
  readonly durationSeconds?: number | undefined;
  readonly suspend?: true | undefined;
}

/** What came of asking for a configuration. */
export type ApplyResult =
  | { readonly is: 'in force' }
  /** It was in force, and the time of its faults is up. */
  | { readonly is: 'over' }
  /** Nothing was changed. */
  | { readonly is: 'refused'; readonly why: string }
  /** It may be in force, now or later. */
  | { readonly is: 'unknown'; readonly why: string };

/** A gate, as its users see it. */
export interface TargetGate {
  readonly name: string;
  /** Where clients find it. */
  readonly address: Address;
  /** Asks for it, and waits until the gate says that it is in force. */
  apply(asked: Asked): Promise<ApplyResult>;
  /** What it says of its faults in one line; undefined while it does not say what came of the last that was asked for. */
  said(): Promise<string | undefined>;
  /** Deletes it, creates it again with that, and waits like `apply`; undefined: this gate cannot be deleted alone. */
  readonly recreate?: (asked: Asked) => Promise<ApplyResult>;
  /** Engages the lever for this gate, and maybe for others, or releases it; undefined where there is none. */
  readonly pullLever?: (isEngaged: boolean) => Promise<void>;
  /** Asks for something that no gate takes; what was said. */
  offend(spec: Readonly<Record<string, unknown>>): Promise<ApplyResult>;
}

export interface Door extends Address {
  /** Index in `gates`. */
  readonly gate?: number;
}

/** A process, or several, that host gates. */
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
   * Ends it as the kernel would out of memory, and starts it again; resolves when it serves.
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
