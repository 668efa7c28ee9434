import { expect, test } from 'vitest';
import type { JsonObject } from '../../../src/json/json.ts';
import { brokenRules } from '../../../src/local/brokenRules.ts';

/** A spec, and how often it was read. */
function aSpec(port = 1) {
  const upstream: JsonObject = { host: 'db', port };
  let reads = 0;
  const spec = {
    get upstream() {
      reads += 1;
      return upstream;
    },
  };
  return { spec, reads: () => reads };
}

function gate(spec: JsonObject, { name = 'db', status = {} } = {}): JsonObject {
  return { metadata: { name, namespace: 'here' }, spec, status };
}

test('a sound spec is read once, however often its status is written', () => {
  const { spec, reads } = aSpec();
  expect(brokenRules(gate(spec), true)).toEqual([]);
  const once = reads();
  expect(once).toBeGreaterThan(0);
  expect(brokenRules(gate(spec, { status: { faults: 'none' } }), true)).toEqual([]);
  expect(reads()).toBe(once);
});

test('the same spec under an invalid name is reported', () => {
  const { spec } = aSpec();
  expect(brokenRules(gate(spec), true)).toEqual([]);
  expect(brokenRules(gate(spec, { name: '1' }), true)).toHaveLength(1);
  expect(brokenRules(gate(spec, { name: '1' }), true)).toHaveLength(1);
});

test('a spec that is wrong is so each time', () => {
  const { spec } = aSpec(0);
  expect(brokenRules(gate(spec), true)).toHaveLength(1);
  expect(brokenRules(gate(spec), true)).toHaveLength(1);
});

const FIXED =
  'spec.service cannot be added, changed or removed: delete the gate and create it again';

test.each([
  ['the same', { name: 'db' }, { name: 'db' }, []],
  ['the same, another object', { ports: ['a', 'b'] }, { ports: ['a', 'b'] }, []],
  ['another', { name: 'db' }, { name: 'cache' }, [FIXED]],
  ['other ports', { ports: ['a'] }, { ports: ['a', 'b'] }, [FIXED]],
  ['none before', undefined, { name: 'db' }, [FIXED]],
  ['none any more', { name: 'db' }, undefined, [FIXED]],
])('spec.service is never changed: %s', (_, before, after, messages) => {
  const spec = (service?: object) =>
    gate(
      service === undefined
        ? { upstream: { host: 'db', port: 1 } }
        : { service: { name: 'db', ...service } },
    );
  const found = brokenRules(spec(after), true, spec(before));
  expect(found.map(({ field }) => field)).toEqual(messages.map(() => 'spec'));
  expect(found.map(({ message }) => message)).toEqual(
    messages.map((message) => `Invalid value: "object": ${message}`),
  );
});

test.each([
  [{}, 'spec.upstream is required'],
  [{ upstream: { host: 'db', port: 1 }, service: { name: 'db' } }, 'mutually exclusive'],
  [
    { service: { name: 'db' }, listen: { port: 1 } },
    'spec.listen cannot be used with spec.service',
  ],
])('the spec %j breaks one rule', (spec, message) => {
  const found = brokenRules(gate(spec), true);
  expect(found).toMatchObject([{ field: 'spec', message: expect.stringContaining(message) }]);
});
