import { randomScript, type Script } from '../actors/script.ts';
import type { Random } from '../random.ts';
import { randomOffence, randomTimedFaults, type TimedFaults } from './faults.ts';

/** Strangers, by what they do to a port. */
const HOSTILE = ['idle', 'junk', 'flood', 'unread', 'halfOpenTls', 'resets'] as const;
export type Hostile = (typeof HOSTILE)[number];

/** How a server fails: nobody listens, or it resets each connection that it is given. */
const FAILURES = ['refuses', 'resets'] as const;
export type Failure = (typeof FAILURES)[number];

/** What makes gates pass everything: a patch that lifts their faults, the end of their run, `suspend`, or the lever. */
const RELIEFS = ['patch', 'end', 'suspend', 'lever'] as const;
export type Relief = (typeof RELIEFS)[number];

/** One thing that happens. Gates and targets are numbers, of which there are as many as the shape says. */
export type Step =
  | { readonly do: 'open'; readonly gate: number; readonly scripts: readonly Script[] }
  | ({ readonly do: 'patch'; readonly gate: number } & TimedFaults)
  /** The gate is deleted, and another one of its name created with these faults. */
  | ({ readonly do: 'recreate'; readonly gate: number } & TimedFaults)
  | {
      readonly do: 'disconnect';
      readonly gate: number;
      readonly how: 'Fin' | 'Reset';
      readonly count?: number;
    }
  | {
      readonly do: 'offend';
      readonly gate: number;
      readonly spec: Readonly<Record<string, unknown>>;
    }
  | { readonly do: 'kill'; readonly target: number }
  | { readonly do: 'fillDisk'; readonly target: number; readonly milliseconds: number }
  | {
      readonly do: 'attack';
      readonly target: number;
      /** Chooses among the doors of the target. */
      readonly door: number;
      readonly how: Hostile;
      readonly connections: number;
      readonly milliseconds: number;
    }
  /** The server of the gate takes no new connections. */
  | {
      readonly do: 'failUpstream';
      readonly gate: number;
      readonly how: Failure;
      readonly milliseconds: number;
    }
  /** Everything passes, all that was sent arrives, and half of the connections end. */
  | { readonly do: 'settle'; readonly by: Relief };

export interface Planned {
  readonly step: Step;
  /** Milliseconds until the next. */
  readonly pauseMilliseconds: number;
}

export interface Shape {
  readonly gates: number;
  readonly targets: number;
}

/** Steps from one settling to the next: some twenty seconds. */
const STEPS_PER_ROUND = 120;

export type Weights = Readonly<Record<Exclude<Step['do'], 'settle'>, number>>;

const WEIGHTS: Weights = {
  open: 40,
  patch: 40,
  recreate: 1,
  disconnect: 4,
  offend: 8,
  kill: 2,
  fillDisk: 2,
  attack: 8,
  failUpstream: 2,
};

/**
 * What happens, forever: the same for the same numbers.
 *
 * @param weights how often each kind of step is taken
 */
export function* plan(
  random: Random,
  shape: Shape,
  weights: Weights = WEIGHTS,
): Generator<Planned> {
  for (;;) {
    for (let steps = 0; steps < STEPS_PER_ROUND; steps += 1) {
      const name = random.weighted(weights);
      yield { step: STEPS[name](random, shape), pauseMilliseconds: random.magnitude(10, 1_000) };
    }
    yield { step: { do: 'settle', by: random.pick(RELIEFS) }, pauseMilliseconds: 0 };
  }
}

const STEPS: {
  [D in keyof Weights]: (random: Random, shape: Shape) => Extract<Step, { do: D }>;
} = {
  open: (random, { gates }) => ({
    do: 'open',
    gate: random.integer(0, gates - 1),
    scripts: Array.from({ length: random.magnitude(1, 12) }, () => randomScript(random)),
  }),
  patch: (random, { gates }) => ({
    do: 'patch',
    gate: random.integer(0, gates - 1),
    ...randomTimedFaults(random),
  }),
  recreate: (random, { gates }) => ({
    do: 'recreate',
    gate: random.integer(0, gates - 1),
    ...randomTimedFaults(random),
  }),
  disconnect: (random, { gates }) => ({
    do: 'disconnect',
    gate: random.integer(0, gates - 1),
    how: random.pick(['Fin', 'Reset']),
    ...(random.chance(0.8) ? { count: random.integer(1, 5) } : {}),
  }),
  offend: (random, { gates }) => ({
    do: 'offend',
    gate: random.integer(0, gates - 1),
    spec: randomOffence(random),
  }),
  kill: (random, { targets }) => ({ do: 'kill', target: random.integer(0, targets - 1) }),
  fillDisk: (random, { targets }) => ({
    do: 'fillDisk',
    target: random.integer(0, targets - 1),
    milliseconds: random.integer(500, 4_000),
  }),
  attack: (random, { targets }) => ({
    do: 'attack',
    target: random.integer(0, targets - 1),
    door: random.integer(0, 11),
    how: random.pick(HOSTILE),
    connections: random.magnitude(1, 100),
    milliseconds: random.integer(500, 5_000),
  }),
  failUpstream: (random, { gates }) => ({
    do: 'failUpstream',
    gate: random.integer(0, gates - 1),
    how: random.pick(FAILURES),
    milliseconds: random.integer(200, 3_000),
  }),
};
