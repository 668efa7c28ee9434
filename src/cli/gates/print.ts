import type { KubeObject } from '../../kube/objects.ts';
import { type Json, sortKeys } from '../../local/api/json.ts';
import { writeYaml } from '../../yaml/write.ts';

/** Gates as `kubectl get -o yaml|json` prints them: several as a List, the fields of owners left out. */
export function textOf(
  gates: readonly KubeObject[],
  form: 'yaml' | 'json',
  isOne: boolean,
): string {
  const [first] = gates.map(withoutOwners);
  const value = sortKeys((isOne ? first : listOf(gates)) as unknown as Json);
  if (form === 'json') return JSON.stringify(value, undefined, 4);
  return writeYaml(value, { indentSeq: false, lineWidth: 0 }).trimEnd();
}

function listOf(gates: readonly KubeObject[]) {
  const items = gates.map(withoutOwners);
  return { apiVersion: 'v1', kind: 'List', metadata: { resourceVersion: '' }, items };
}

function withoutOwners(gate: KubeObject): KubeObject {
  const { managedFields: _, ...metadata } = gate.metadata as KubeObject['metadata'] & {
    managedFields?: unknown;
  };
  return { ...gate, metadata };
}
