import type { z } from 'zod';
import { type GateConfig, gateConfig } from '../../../src/gate/config.ts';
import { SUBSTITUTION } from '../model/effects.ts';
import type { Random } from '../random.ts';

/** What a direction may be asked for. */
type DirectionInput = NonNullable<z.input<typeof gateConfig>['toServer']>;
type FaultInput = Omit<DirectionInput, 'connectionsPercent'>;

const how = (random: Random) => random.pick(['Fin', 'Reset'] as const);
const scope = (random: Random) => random.pick(['Connection', 'Connection', 'Gate'] as const);

/** How each fault may be set, so that it shows within seconds. */
const SETTINGS: { [N in keyof FaultInput]-?: (random: Random) => NonNullable<FaultInput[N]> } = {
  stall: () => ({}),
  drop: () => ({}),
  closeOnData: (random) => ({ how: how(random) }),
  limitTime: (random) => ({
    milliseconds: random.integer(200, 3_000),
    jitterMilliseconds: random.integer(0, 200),
    clock: random.pick(['FirstData', 'Connect']),
    how: how(random),
  }),
  limitIdle: (random) => ({ milliseconds: random.integer(50, 3_000), how: how(random) }),
  limitBytes: (random) => ({
    bytes: random.magnitude(1, 2_000_000),
    scope: scope(random),
    how: how(random),
  }),
  substitute: () => [{ ...SUBSTITUTION }],
  corrupt: (random) =>
    random.chance(0.4) ? {} : { bytesPerMillion: random.magnitude(10, 200_000) },
  coalesce: (random) => ({
    minBytes: random.magnitude(10, 200_000),
    maxWaitMilliseconds: random.integer(10, 1_000),
  }),
  delay: (random) => {
    const milliseconds = random.integer(0, 1_500);
    const jitterMilliseconds = Math.min(milliseconds, random.integer(0, 200));
    return { milliseconds, jitterMilliseconds };
  },
  bandwidth: (random) => ({
    bytesPerSecond: random.magnitude(50_000, 50_000_000),
    burstBytes: random.chance(0.5) ? 0 : random.magnitude(1_000, 1_000_000),
    scope: scope(random),
  }),
  slice: (random) => ({
    maxBytes: random.magnitude(200, 100_000),
    varianceBytes: random.integer(0, 199),
    gapMilliseconds: random.integer(0, 3),
  }),
};

/** Faults by what they leave of the bytes: how often each is drawn. */
const WEIGHTS: Readonly<Record<keyof FaultInput, number>> = {
  stall: 4,
  drop: 4,
  closeOnData: 1,
  limitTime: 1,
  limitIdle: 1,
  limitBytes: 2,
  substitute: 3,
  corrupt: 3,
  coalesce: 6,
  delay: 9,
  bandwidth: 6,
  slice: 6,
};

function randomDirection(random: Random): DirectionInput {
  const count = random.pick([0, 1, 1, 2, 3]);
  const names = Array.from({ length: count }, () => random.weighted(WEIGHTS));
  const faults = Object.fromEntries(names.map((name) => [name, SETTINGS[name](random)]));
  return { ...faults, connectionsPercent: random.chance(0.85) ? 100 : random.integer(0, 99) };
}

/** What a gate may be asked for; its upstream is filled in by who knows it. */
export type Faults = Pick<
  GateConfig,
  'toServer' | 'toClient' | 'newConnections' | 'maxConnections' | 'seed'
>;

export const NO_FAULTS: Faults = configOf({});

/** Faults, and for how long. */
export interface TimedFaults {
  readonly faults: Faults;
  /** undefined: until something else is asked for. */
  readonly durationSeconds?: number;
  /** They are not to be in force yet. */
  readonly suspend?: true;
}

/** @param input what differs from no faults */
export function timedFaults(
  input: Partial<z.input<typeof gateConfig>>,
  timed: Omit<TimedFaults, 'faults'> = {},
): TimedFaults {
  return { faults: configOf(input), ...timed };
}

/** Longest run in seconds: its end is to be seen before the next patch, as often as not. */
const LONGEST_RUN = 4;

export function randomTimedFaults(random: Random): TimedFaults {
  const faults = random.chance(0.25) ? NO_FAULTS : randomFaults(random);
  if (random.chance(0.08)) return { faults, suspend: true };
  return random.chance(0.3)
    ? { faults, durationSeconds: random.integer(1, LONGEST_RUN) }
    : { faults };
}

function randomFaults(random: Random): Faults {
  const newConnections = random.weighted({ Accept: 12, Hold: 1, Refuse: 1, Reset: 1 });
  return configOf({
    toServer: randomDirection(random),
    toClient: randomDirection(random),
    newConnections,
    ...(random.chance(0.1) ? { maxConnections: random.integer(1, 30) } : {}),
    seed: random.integer(0, 2 ** 31 - 1),
  });
}

function configOf(input: Partial<z.input<typeof gateConfig>>): Faults {
  const { toServer, toClient, newConnections, maxConnections, seed } = gateConfig.parse({
    upstream: { host: 'unknown', port: 1 },
    ...input,
  });
  return { toServer, toClient, newConnections, maxConnections, seed };
}

/** Patches that no gate takes. */
export function randomOffence(random: Random): Readonly<Record<string, unknown>> {
  return random.pick<Readonly<Record<string, unknown>>>([
    { newConnections: 'Drop' },
    { seed: -1 },
    { seed: 0.5 },
    { toServer: { delay: { milliseconds: -1 } } },
    { toServer: { delay: { milliseconds: 5, jitterMilliseconds: 6 } } },
    { toClient: { slice: { maxBytes: 5, varianceBytes: 9 } } },
    { toClient: { substitute: [{ pattern: '(', replacement: '' }] } },
    { toClient: { substitute: [] } },
    { toServer: { bandwidth: { bytesPerSecond: 2 ** 53 } } },
    { disconnect: { nonce: 'x'.repeat(64) } },
    { disconnect: { nonce: '' } },
    { upstream: { host: '', port: 70_000 } },
    { toClient: 'everything' },
  ]);
}
