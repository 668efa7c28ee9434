/** How long and how large everything is measured. */
export interface Effort {
  readonly rounds: number;
  /** Seconds of load before and during each measurement. */
  readonly warmUp: number;
  readonly seconds: number;
  /** Seconds until memory is looked at, after connections have become idle. */
  readonly settle: number;
  /** Seconds in which a delay line has to give its memory back. */
  readonly giveBack: number;
  readonly idleConnections: number;
  /** Numbers of gates and of connections, to see whether each costs the same. */
  readonly gates: readonly number[];
  readonly connections: readonly number[];
  /** What is there before those that are counted: an idle process has room for some, which cost nothing then. */
  readonly earlierGates: number;
  readonly earlierConnections: number;
  /**
   * Connections whose live memory is looked at per round at least, in as many batches as that takes: ten use 90 kB,
   * and what else comes and goes in the process is tens of kilobytes.
   */
  readonly leastConnections: number;
  /** Milliseconds. */
  readonly delays: readonly number[];
}

/** Rounds below this many say nothing of spread. */
export const LEAST_ROUNDS = 5;

/**
 * A proxy has two sockets per connection. Where its limit of open files is 20,000, as in many a container,
 * 9,900 connections are what comes nearest to 10,000.
 */
const MOST_CONNECTIONS = 9_900;
const EARLIER_CONNECTIONS = 2_000;

export const FULL: Effort = {
  rounds: LEAST_ROUNDS,
  warmUp: 0.7,
  seconds: 2,
  settle: 3,
  giveBack: 5,
  idleConnections: 5_000,
  gates: [10, 100, 1_000, 10_000],
  connections: [10, 100, 1_000, MOST_CONNECTIONS - EARLIER_CONNECTIONS],
  earlierGates: 500,
  earlierConnections: EARLIER_CONNECTIONS,
  leastConnections: 200,
  delays: [10, 100, 1_000],
};

/** Whether all of it works, in seconds; the figures mean nothing. */
export const SMOKE: Effort = {
  rounds: 1,
  warmUp: 0.05,
  seconds: 0.15,
  settle: 0.1,
  giveBack: 0.3,
  idleConnections: 50,
  gates: [2, 10],
  connections: [2, 20],
  earlierGates: 5,
  earlierConnections: 5,
  leastConnections: 5,
  delays: [10, 100],
};
