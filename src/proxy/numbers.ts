import type { DirectionName } from '../gate/directionName.ts';
import type { GateObserver, GateState } from '../gate/gate.ts';

/** Which gate a number belongs to. */
export interface GateLabels {
  readonly namespace: string;
  readonly gate: string;
}

/** What is read from a gate at the moment that someone asks. */
export interface GateGauges {
  state(): GateState | undefined;
  generation(): number;
  /** Whether faults are in force. */
  isFaulty(): boolean;
  /** Seconds until they end; undefined when none are in force, or nothing ends them. */
  secondsLeft(): number | undefined;
}

/** Bytes so far, by direction. */
export type Traffic = Readonly<Record<DirectionName, number>>;

/** The numbers of one gate. */
export interface GateNumbers {
  readonly traffic: Traffic;
  /** Counts for it. */
  readonly observer: Omit<GateObserver, 'changed'>;
  /** A snapshot is in force, after this many seconds. */
  applied(seconds: number): void;
  /** The gate is gone, and its numbers go. */
  remove(): Promise<void>;
}

/** What counts for the gates of a process. */
export interface Numbers {
  /** Starts the numbers of a gate. */
  add(labels: GateLabels, gauges: GateGauges): GateNumbers;
}

/** Bytes alone, where nobody asks for metrics: the library does without the package that keeps them. */
export const TRAFFIC_ALONE: Numbers = {
  add: () => {
    const traffic = { toServer: 0, toClient: 0 };
    return {
      traffic,
      observer: {
        bytes: (direction, count) => {
          traffic[direction] += count;
        },
      },
      applied: () => {},
      remove: async () => {},
    };
  },
};
