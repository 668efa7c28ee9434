import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { INITIAL_STATUS } from '../../../src/api/status.ts';
import { tcpGate } from '../../../src/api/tcpgate.ts';
import { isObject, type Json, type JsonObject } from '../../../src/json/json.ts';
import { tcpGates } from '../../../src/local/tcpGates.ts';
import { withDefaults, withoutNulls } from '../../../src/schema/defaults.ts';
import { pruneUnknown } from '../../../src/schema/prune.ts';
import type { Schema } from '../../../src/schema/schema.ts';
import { validate } from '../../../src/schema/validate.ts';

const { schema } = tcpGates;

function gate(spec: Json): JsonObject {
  return {
    apiVersion: 'chaosgate.dev/v1alpha1',
    kind: 'TcpGate',
    metadata: { name: 'a', namespace: 'default', uid: 'u', generation: 1, resourceVersion: '1' },
    spec,
  };
}

const upstream = { host: 'localhost', port: 5_432 };

/** What makes a spec whole. */
const bases: readonly JsonObject[] = [{ upstream }, { service: { name: 'db' } }];

/** Whether a field is left out beside that base: mostly what does not go with it, and often what it has already. */
function isLeftOut(base: JsonObject, name: string, mixed: number): boolean {
  if (mixed > 4 && Object.hasOwn(base, name)) return true;
  const others = 'upstream' in base ? ['service'] : ['upstream', 'listen'];
  return mixed > 0 && others.includes(name);
}

/** Values of every kind for fields that mostly want another. */
const anything: fc.Arbitrary<Json> = fc.oneof(
  fc.constantFrom<Json>(
    null,
    true,
    '',
    'Fin',
    'Reset',
    'Hold',
    'x',
    {},
    [],
    1.5,
    -1,
    0,
    1,
    300,
    70_000,
  ),
  fc.integer(),
  fc.string({ maxLength: 4 }),
);

/** A value that fits a schema, more or less: now and then a field is missing or something else. */
function nearly(node: Schema): fc.Arbitrary<Json> {
  const fitting = fittingValue(node);
  return fc.oneof({ weight: 60, arbitrary: fitting }, { weight: 1, arbitrary: anything });
}

function fittingValue(node: Schema): fc.Arbitrary<Json> {
  const { enum: values, properties = {}, items, minimum = -5, maximum = 5_000, type } = node;
  if (values !== undefined) return fc.constantFrom(...values);
  if (type === 'object') {
    const members = Object.entries(properties).map(
      ([name, member]) => [name, nearly(member)] as const,
    );
    return fc.record(Object.fromEntries(members), { requiredKeys: [] }) as fc.Arbitrary<Json>;
  }
  if (type === 'array')
    return fc.array(items === undefined ? anything : nearly(items), { maxLength: 3 });
  if (type === 'integer') return fc.integer({ min: minimum, max: Math.min(maximum, minimum + 10) });
  if (type === 'boolean') return fc.boolean();
  return fc.constantFrom('a', 'localhost', '127.0.0.1', 'b c');
}

test('what the schema lets pass, zod lets pass, and the other way round', {
  timeout: 120_000,
}, () => {
  const spec = schema.properties?.spec;
  if (spec === undefined) throw new Error('There is no spec');
  let passed = 0;
  fc.assert(
    fc.property(
      fc.record({ base: fc.constantFrom(...bases), more: nearly(spec), mixed: fc.nat(9) }),
      ({ base, more, mixed }) => {
        const merged = isObject(more)
          ? Object.fromEntries([
              ...Object.entries(base),
              ...Object.entries(more).filter(([name]) => !isLeftOut(base, name, mixed)),
            ])
          : more;
        const object = withDefaults(schema, pruneUnknown(schema, gate(merged)).value) as JsonObject;
        const errors = tcpGates.validate(object, '');
        const parsed = tcpGate.safeParse(object);
        expect([errors.length === 0, object]).toEqual([parsed.success, object]);
        if (!parsed.success) {
          // What zod refuses beyond the rules over several fields, the structural schema refuses already.
          const isSound = validate(schema, object, '').length === 0;
          const codes = parsed.error.issues.map(({ code }) => code);
          if (isSound) expect(new Set(codes)).toEqual(new Set(['custom']));
          return;
        }
        passed += 1;
        // Nor does zod default or drop anything that is not defaulted or dropped here.
        expect(object.spec).toEqual(parsed.data.spec);
      },
    ),
    { numRuns: 8_000 },
  );
  expect(passed).toBeGreaterThan(100);
});

describe('unknown fields', () => {
  test('are dropped and named', () => {
    const { value, unknown } = pruneUnknown(schema, {
      ...gate({ upstream: { ...upstream, x: 1 }, toClient: { delai: {} } }),
      y: 1,
    });
    expect(unknown.toSorted()).toEqual(['spec.toClient.delai', 'spec.upstream.x', 'y']);
    expect(value).toEqual(gate({ upstream, toClient: {} }));
  });

  test('of the names that every object has are unknown, too', () => {
    expect(pruneUnknown(schema, { constructor: {}, toString: 1 }).unknown).toEqual([
      'constructor',
      'toString',
    ]);
  });
});

test('defaults come where nothing is said, and null says nothing', () => {
  const said = gate({ upstream, toClient: null, seed: null, disconnect: null });
  expect(withDefaults(schema, said)).toMatchObject({ spec: { seed: 0, disconnect: null } });
  const full = withDefaults(schema, withoutNulls(schema, said));
  expect(full).toEqual({
    ...gate({
      upstream: { ...upstream, connectTimeoutMilliseconds: 5_000 },
      maxConnections: 10_000,
      newConnections: 'Accept',
      seed: 0,
      suspend: false,
      toClient: { connectionsPercent: 100 },
      toServer: { connectionsPercent: 100 },
    }),
    status: INITIAL_STATUS,
  });
});

describe('a value is told what is wrong with it', () => {
  test.each<[Schema, Json, string]>([
    [
      { type: 'integer', maximum: 5 },
      6,
      'Invalid value: 6: f in body should be less than or equal to 5',
    ],
    [
      { type: 'integer' },
      1.5,
      'Invalid value: "number": f in body must be of type integer: "number"',
    ],
    [
      { type: 'integer' },
      Number.POSITIVE_INFINITY,
      'Invalid value: "number": f in body must be of type integer: "number"',
    ],
    [{ type: 'string', maxLength: 2 }, 'äöü', 'Too long: may not be more than 2 bytes'],
    [{ type: 'string', maxLength: 2 }, '😀😀', ''],
    [{ type: 'string', pattern: '^a$' }, 'b', 'Invalid value: "b": f in body should match \'^a$\''],
    [
      { type: 'string', enum: ['a', 'b'] },
      'c',
      'Unsupported value: "c": supported values: "a", "b"',
    ],
    [
      { type: 'string', format: 'date-time' },
      '2026-13-01T00:00:00Z',
      'Invalid value: "2026-13-01T00:00:00Z": f in body must be of type date-time: "2026-13-01T00:00:00Z"',
    ],
    [{ type: 'array', maxItems: 1 }, [1, 2], 'Too many: 2: must have at most 1 items'],
    [
      { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set' },
      ['a', 'a'],
      'Duplicate value: "a"',
    ],
    [{ type: 'object', required: ['a'] }, {}, 'Required value'],
    [
      { type: 'boolean' },
      1,
      'Invalid value: "integer": f in body must be of type boolean: "integer"',
    ],
  ])('%j of %j', (node, value, message) => {
    expect(
      validate(node, value, 'f')
        .map((error) => error.message)
        .join(),
    ).toBe(message);
  });
});
