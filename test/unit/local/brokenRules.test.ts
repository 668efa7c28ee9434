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

test('the same spec under a name that is none is told of', () => {
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
