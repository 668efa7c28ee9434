import { expect, test } from 'vitest';
import { launch, obstacle } from './flood/launch.ts';
import type { Scenario } from './flood/scenario.ts';

const SECONDS = 3;
/** Milliseconds: a flood, and the flood's end on a busy machine. */
const PATIENCE = 240_000;

const scenarios: readonly Scenario[] = [
  {
    name: '1,500 uploads under a delay of 2 s',
    limit: 256,
    connections: 1_500,
    seconds: SECONDS,
    toServer: { delay: { milliseconds: 2_000 } },
  },
  {
    name: '1,500 uploads to a server that hangs',
    limit: 256,
    connections: 1_500,
    seconds: SECONDS,
    receiver: 'hangs',
  },
  {
    name: 'a byte by 1,024, to servers that do not read',
    limit: 256,
    connections: 20,
    seconds: SECONDS,
    receiver: 'hangs',
    toServer: { substitute: [{ pattern: '1', replacement: 'x'.repeat(1_024) }] },
    text: '1',
    arrives: 'some',
  },
];

// GateEvents by the name of the test, which is in the report then.
test.skipIf(obstacle !== undefined).each(scenarios)(
  `a proxy in 256 MiB bears $name${obstacle === undefined ? '' : ` (not run: ${obstacle})`}`,
  async (scenario) => {
    const { killed, wrong, open, peak } = await launch(scenario);
    expect({ killed, wrong, open }).toEqual({
      killed: undefined,
      wrong: [],
      open: scenario.connections,
    });
    expect(peak.process).toBeLessThan(scenario.limit);
  },
  PATIENCE,
);
