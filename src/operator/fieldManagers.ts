import type { KubeObject } from '../kube/objects.ts';
import { MANAGER } from './desired/common.ts';
import type { Difference } from './differences.ts';

/** An entry of metadata.managedFields, as far as it is read. */
interface ManagedFields {
  readonly manager?: string;
  readonly time?: string;
  readonly fieldsV1?: Node;
}

/** FieldsV1 (k8s.io/apimachinery, meta/v1/types.go): `f:<name>` is a field, `k:<keys>` an item of a list. */
interface Node {
  readonly [name: string]: Node;
}

/** Names of the others that manage one of these fields; of the one that wrote last when nobody does. */
export function otherManagers(live: KubeObject, found: readonly Difference[]): string[] {
  const { managedFields = [] } = live.metadata as { managedFields?: readonly ManagedFields[] };
  const others = managedFields.filter(
    ({ manager }) => manager !== undefined && manager !== MANAGER,
  );
  const owners = others.filter(({ fieldsV1 = {} }) =>
    found.some(({ path }) => owns(fieldsV1, live, path)),
  );
  const latest = others.toSorted((a, b) => (b.time ?? '').localeCompare(a.time ?? ''))[0];
  const named = owners.length > 0 ? owners : [latest];
  return [...new Set(named.flatMap((entry) => entry?.manager ?? []))];
}

function owns(node: Node, live: unknown, [name, ...rest]: readonly string[]): boolean {
  if (name === undefined) return true;
  const child = Array.isArray(live) ? itemNode(node, live[Number(name)]) : node[`f:${name}`];
  if (child === undefined) return false;
  // Without fields of its own it is managed as a whole.
  const isWhole = Object.keys(child).every((key) => key === '.');
  return isWhole || owns(child, (live as Record<string, unknown>)[name], rest);
}

function itemNode(node: Node, item: unknown): Node | undefined {
  const found = Object.entries(node).find(([name]) => {
    if (!name.startsWith('k:')) return false;
    const keys = JSON.parse(name.slice(2)) as Record<string, unknown>;
    const fields = (item ?? {}) as Record<string, unknown>;
    return Object.entries(keys).every(([key, value]) => fields[key] === value);
  });
  return found?.[1];
}
