/** Every fault of the registry has its method, and every setting of it an argument. */
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { specChange } from '../../../src/client/changes.ts';
import { Direction } from '../../../src/client/direction.ts';
import { type FaultName, faults } from '../../../src/gate/faults/registry.ts';

interface Call {
  readonly make: (direction: Direction) => Promise<void>;
  readonly settings: object;
}

/** Each method with all that it takes. A fault that is missing here does not compile. */
const CALLS: { readonly [N in FaultName]: Call } = {
  stall: { make: (to) => to.stall(), settings: {} },
  drop: { make: (to) => to.drop(), settings: {} },
  closeOnData: { make: (to) => to.closeOnData({ how: 'Reset' }), settings: { how: 'Reset' } },
  limitTime: {
    make: (to) => to.limitTime(400, { jitter: 4, clock: 'Connect', how: 'Reset' }),
    settings: { milliseconds: 400, jitterMilliseconds: 4, clock: 'Connect', how: 'Reset' },
  },
  limitIdle: {
    make: (to) => to.limitIdle(50, { how: 'Reset' }),
    settings: { milliseconds: 50, how: 'Reset' },
  },
  limitBytes: {
    make: (to) => to.limitBytes(100, { scope: 'Gate', how: 'Reset' }),
    settings: { bytes: 100, scope: 'Gate', how: 'Reset' },
  },
  substitute: {
    make: (to) => to.substitute([{ pattern: 'a+', replacement: 'b' }]),
    settings: [{ pattern: 'a+', replacement: 'b' }],
  },
  corrupt: { make: (to) => to.corrupt({ bytesPerMillion: 9 }), settings: { bytesPerMillion: 9 } },
  coalesce: {
    make: (to) => to.coalesce(10, { maxWait: 20 }),
    settings: { minBytes: 10, maxWaitMilliseconds: 20 },
  },
  delay: {
    make: (to) => to.delay(300, { jitter: 50 }),
    settings: { milliseconds: 300, jitterMilliseconds: 50 },
  },
  bandwidth: {
    make: (to) => to.bandwidth(1_000, { burst: 10, scope: 'Gate' }),
    settings: { bytesPerSecond: 1_000, burstBytes: 10, scope: 'Gate' },
  },
  slice: {
    make: (to) => to.slice(40, { variance: 5, gap: 30 }),
    settings: { maxBytes: 40, varianceBytes: 5, gapMilliseconds: 30 },
  },
};

const NAMES = Object.keys(faults) as FaultName[];

/** What a call asks of its gate. */
async function asked(call: (direction: Direction) => Promise<void>): Promise<unknown> {
  let change: unknown;
  const direction = new Direction(['toServer'], {
    change: async (asked) => {
      change = asked;
    },
    setFields: async (fields) => {
      change = specChange(fields);
    },
    rearm: async () => {},
  });
  await call(direction);
  return JSON.parse(JSON.stringify(change));
}

const only = (fault: object) => JSON.parse(JSON.stringify(specChange({ toServer: fault })));

describe('of the faults of the registry', () => {
  test.each(NAMES)('%s has a method that sets it, and nothing else', async (name) => {
    const { make, settings } = CALLS[name];
    expect(await asked(make)).toEqual(only({ [name]: settings }));
  });

  test.each(NAMES)('%s takes what its method gives', (name) => {
    expect(() => faults[name].schema.parse(CALLS[name].settings)).not.toThrow();
  });

  test.each(NAMES)('no setting of %s is out of reach', (name) => {
    const schema: z.ZodType = faults[name].schema;
    const item = schema instanceof z.ZodArray ? schema.element : schema;
    const given = [CALLS[name].settings].flat()[0] ?? {};
    if (!(item instanceof z.ZodObject)) throw new Error(`${name} is neither an object nor a list`);
    expect(Object.keys(given).sort()).toEqual(Object.keys(item.shape).sort());
  });

  test.each(NAMES)('%s can touch a share of the connections', async (name) => {
    const method = Direction.prototype[name] as (...args: unknown[]) => Promise<void>;
    const leading = Array(Math.max(0, method.length)).fill(1);
    const args = name === 'substitute' ? [[{ pattern: 'a', replacement: 'b' }]] : leading;
    const change = await asked((direction) =>
      method.call(direction, ...args, { connectionsPercent: 25 }),
    );
    expect(change).toMatchObject({ operations: [{ value: { connectionsPercent: 25 } }] });
  });
});

test.each<[string, (to: Direction) => Promise<void>, (to: Direction) => Promise<void>]>([
  [
    'limitTime',
    (to) => to.limitTime(9, { jitter: 1 }),
    (to) => to.limitTime(9, { jitterMilliseconds: 1 }),
  ],
  [
    'coalesce',
    (to) => to.coalesce(9, { maxWait: 1 }),
    (to) => to.coalesce(9, { maxWaitMilliseconds: 1 }),
  ],
  ['delay', (to) => to.delay(9, { jitter: 1 }), (to) => to.delay(9, { jitterMilliseconds: 1 })],
  ['bandwidth', (to) => to.bandwidth(9, { burst: 1 }), (to) => to.bandwidth(9, { burstBytes: 1 })],
  [
    'slice',
    (to) => to.slice(9, { variance: 1, gap: 2 }),
    (to) => to.slice(9, { varianceBytes: 1, gapMilliseconds: 2 }),
  ],
])("%s takes the spec's names as well as its own", async (_, short, long) => {
  expect(await asked(long)).toEqual(await asked(short));
});

test('a pattern and its replacement may be given as they are', async () => {
  expect(await asked((to) => to.substitute('a', 'b', { connectionsPercent: 5 }))).toEqual(
    only({ substitute: [{ pattern: 'a', replacement: 'b' }], connectionsPercent: 5 }),
  );
});

test('what is not given is left to the defaults of the server', async () => {
  expect(await asked((to) => to.delay(300))).toEqual(only({ delay: { milliseconds: 300 } }));
});

test('to pass is to have no faults', async () => {
  expect(await asked((to) => to.pass())).toEqual(only({}));
});

test('a call that is not made with a fault of its own sets several', async () => {
  const several = { delay: { milliseconds: 5 }, slice: { maxBytes: 1 } };
  expect(await asked((to) => to.set(several))).toEqual(only(several));
});

test('a merge leaves alone what it does not name, and lifts with null', async () => {
  expect(await asked((to) => to.merge({ delay: null, slice: { maxBytes: 1 } }))).toEqual({
    merge: { spec: { toServer: { delay: null, slice: { maxBytes: 1 } } } },
  });
});
