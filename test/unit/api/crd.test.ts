import { describe, expect, test } from 'vitest';
import { tcpGateCrd, tcpGateCrdYaml } from '../../../src/api/crd.ts';

type Node = Record<string, unknown>;

const [version] = tcpGateCrd().spec.versions;
const schema = version?.schema.openAPIV3Schema as Node;

function* nodes(node: Node, path = ''): Generator<[string, Node]> {
  yield [path, node];
  for (const [name, child] of Object.entries((node.properties ?? {}) as Record<string, Node>)) {
    yield* nodes(child, `${path}.${name}`);
  }
  if (node.items !== undefined) yield* nodes(node.items as Node, `${path}[]`);
}

const fields = [...nodes(schema)].filter(([path]) => path !== '' && path !== '.metadata');

describe('the CRD of TcpGate', () => {
  test('describes every field', () => {
    const silent = fields.filter(([path, { description }]) => !path.endsWith('[]') && !description);
    expect(silent.map(([path]) => path)).toEqual([]);
  });

  test('bounds every integer, string and list', () => {
    const unbounded = fields.filter(([path, node]) => {
      if (path === '.apiVersion' || path === '.kind') return false;
      if (node.type === 'integer') return node.minimum === undefined || node.format === undefined;
      if (node.type === 'string') return node.maxLength === undefined && node.enum === undefined;
      return node.type === 'array' && node.maxItems === undefined;
    });
    expect(unbounded.map(([path]) => path)).toEqual([]);
  });

  test('has no construct that a merge patch or a structural schema cannot carry', () => {
    const text = JSON.stringify(schema);
    for (const construct of [
      'nullable',
      'anyOf',
      'oneOf',
      'allOf',
      '$ref',
      'additionalProperties',
      '"number"',
    ]) {
      expect(text).not.toContain(construct);
    }
  });

  test('quotes what YAML 1.1 reads as a boolean', () => {
    expect(tcpGateCrdYaml()).toContain('- "True"');
  });
});
