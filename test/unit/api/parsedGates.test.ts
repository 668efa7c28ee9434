import { expect, test } from 'vitest';
import { ParsedGates } from '../../../src/api/parsedGates.ts';

function raw({ uid = 'a', generation = 1, resourceVersion = '1', port = 1, status = {} } = {}) {
  const metadata = { name: 'db', namespace: 'here', uid, generation, resourceVersion };
  return { metadata, spec: { upstream: { host: 'redis', port } }, status };
}

function parsed(gates: ParsedGates, gate: ReturnType<typeof raw>) {
  const result = gates.parse('here/db', gate);
  if (!result.success) throw result.error;
  return result.data;
}

test('a spec is parsed once per uid and generation', () => {
  const gates = new ParsedGates();
  const first = parsed(gates, raw());
  const later = parsed(gates, raw({ resourceVersion: '2' }));
  expect(later.spec).toBe(first.spec);
  expect(later.metadata.resourceVersion).toBe('2');
});

test.each([
  ['generation', { generation: 2 }],
  ['uid', { uid: 'b' }],
])('another %s is another spec', (_, change) => {
  const gates = new ParsedGates();
  parsed(gates, raw());
  expect(parsed(gates, raw({ ...change, port: 2 })).spec.upstream?.port).toBe(2);
});

test('what is wrong is not looked at again, until it changes', () => {
  const gates = new ParsedGates();
  const first = gates.parse('here/db', raw({ port: 0 }));
  expect(first.success).toBe(false);
  expect(gates.parse('here/db', raw({ port: 0, resourceVersion: '2' }))).toBe(first);
  expect(gates.parse('here/db', raw({ generation: 2 })).success).toBe(true);
});

test('a status that makes no sense is no mistake of the spec', () => {
  const status = { connections: 'lies' };
  expect(new ParsedGates().parse('here/db', raw({ status })).success).toBe(true);
});

test('a gate that is forgotten is parsed again', () => {
  const gates = new ParsedGates();
  const { spec } = parsed(gates, raw());
  gates.forget('here/db');
  expect(parsed(gates, raw()).spec).not.toBe(spec);
});
