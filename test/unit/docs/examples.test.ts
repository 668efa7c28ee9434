import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { tcpGateSpec } from '../../../src/api/spec.ts';
import { faults } from '../../../src/gate/faults/registry.ts';

const root = join(import.meta.dirname, '../../../examples');

interface Manifest {
  readonly kind: string;
  readonly spec: Record<string, Record<string, unknown> | undefined>;
}

const files = globSync('**/*.yaml', { cwd: root }).map((file) => {
  const text = readFileSync(join(root, file), 'utf8');
  const manifests = parseAllDocuments(text).map((document) => document.toJS() as Manifest);
  return { file, text, gates: manifests.filter(({ kind }) => kind === 'TcpGate') };
});
const withGates = files.filter(({ gates }) => gates.length > 0);

describe.each(withGates)('examples/$file', ({ text, gates }) => {
  test('is valid, and every field of it is known', () => {
    for (const { spec } of gates) expect(tcpGateSpec.parse(spec)).toMatchObject(spec);
  });

  test('begins with what to expect', () => {
    expect(text).toMatch(/^# [A-Z]/);
  });
});

test('every fault, and every value of newConnections, stands in one of them', () => {
  const specs = withGates.flatMap(({ gates }) => gates.map(({ spec }) => spec));
  const used = specs.flatMap(({ toServer = {}, toClient = {} }) =>
    Object.keys({ ...toServer, ...toClient }),
  );
  expect(Object.keys(faults).filter((name) => !used.includes(name))).toEqual([]);
  const values = specs.map(({ newConnections = 'Accept' }) => newConnections);
  expect(new Set<unknown>(values)).toEqual(new Set(['Accept', 'Hold', 'Refuse', 'Reset']));
});
