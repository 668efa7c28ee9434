import fc from 'fast-check';
import type { z } from 'zod';
import { gateConfig } from '../../../src/gate/config.ts';
import { faults } from '../../../src/gate/faults/registry.ts';

/** Faults after which not every byte arrives as it was sent. All others are expected to keep bytes. */
const LOSE = ['drop', 'closeOnData', 'limitTime', 'limitIdle', 'limitBytes'];
const CHANGE = ['corrupt', 'substitute'];

/** Values of a field that show something within a test, by the unit in its name. */
const RANGES: readonly [name: RegExp, min: number, max: number][] = [
  [/milliseconds$/i, 0, 15],
  [/bytesPerSecond$/i, 200_000, 50_000_000],
  [/bytes$/i, 1, 20_000],
];

/** What a fault's own schema allows, in amounts that fit into a test. */
function settingOf(schema: z.ZodType, name: string): fc.Arbitrary<unknown> {
  const def = schema._zod.def as unknown as { type: string } & Record<string, unknown>;
  switch (def.type) {
    case 'object': {
      const shape = Object.entries(def.shape as Record<string, z.ZodType>);
      const fields = shape.map(([field, value]) => [field, settingOf(value, field)] as const);
      return fc.record(Object.fromEntries(fields));
    }
    case 'optional':
    case 'default':
    case 'prefault': {
      const inner = settingOf(def.innerType as z.ZodType, name);
      return fc.option(inner, { nil: undefined, freq: 3 });
    }
    case 'enum':
      return fc.constantFrom(...Object.values(def.entries as Record<string, string>));
    case 'number': {
      const { minValue, maxValue } = schema as unknown as { minValue: number; maxValue: number };
      const [, min, max] = RANGES.find(([pattern]) => pattern.test(name)) ?? [
        /./,
        minValue,
        maxValue,
      ];
      return fc.integer({ min: Math.max(min, minValue), max: Math.min(max, maxValue) });
    }
    default:
      throw new Error(`No values for ${name}: teach this file the type ${def.type}`);
  }
}

/** What one direction may be set to. */
export type Faults = Record<string, unknown>;

function directionOf(names: readonly string[]): fc.Arbitrary<Faults> {
  const fields = Object.entries(faults)
    .filter(([name]) => names.includes(name))
    .map(([name, { schema }]) => {
      const value = settingOf(schema, name).map((settings) => schema.safeParse(settings));
      return [
        name,
        fc.option(
          value.map(({ success, data }) => (success ? data : undefined)),
          { nil: undefined, freq: names.length },
        ),
      ] as const;
    });
  const upstream = { host: 'unused', port: 1 };
  return fc
    .record({
      ...Object.fromEntries(fields),
      connectionsPercent: fc.constantFrom(100, 100, 60),
    })
    .filter((toServer) => gateConfig.safeParse({ upstream, toServer }).success);
}

const all = Object.keys(faults);

/** Any stack of faults that keep bytes. */
export const keepingFaults = directionOf(
  all.filter((name) => !LOSE.includes(name) && !CHANGE.includes(name)),
);

/** Any stack of faults that lose bytes or keep them, and change none. */
export const anyFaults = directionOf(all.filter((name) => !CHANGE.includes(name)));
