import { isObject, type Json, type JsonObject, objectIn } from '../../json/json.ts';
import type { KubeObject } from '../../kube/objects.ts';
import type { PatchOperation } from '../../kube/patch.ts';

/** The field manager of apply, the same as that of `kubectl apply --server-side`, so that each continues
 * where the other left off. */
export const MANAGER = 'kubectl';

/** An earlier version of this program. */
const EARLIER = 'chaosgate-apply';

/** The field manager of client-side `kubectl apply`. */
const LAST_APPLIED = 'f:kubectl.kubernetes.io/last-applied-configuration';

interface Entry {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  readonly apiVersion: string;
  readonly subresource?: string;
  readonly fieldsV1: JsonObject;
}

/**
 * What makes fields that `kubectl apply` set on the client's side belong to the one that applies on the server's side:
 * without it, fields that are no longer in the file would stay. Undefined when there is nothing to do.
 */
export function migration({ metadata }: KubeObject): PatchOperation[] | undefined {
  const { managedFields = [] } = metadata as { readonly managedFields?: readonly Entry[] };
  const own = managedFields.find(
    ({ manager, operation, subresource }) =>
      manager === MANAGER && operation === 'Apply' && subresource === undefined,
  );
  const older = managedFields.filter((entry) => entry !== own && isOlder(entry));
  if (own === undefined || older.length === 0) return undefined;
  const rest = managedFields.filter((entry) => entry !== own && !older.includes(entry));
  const fieldsV1 = older.map((entry) => entry.fieldsV1).reduce(united, own.fieldsV1);
  const { resourceVersion } = metadata;
  return [
    { op: 'replace', path: '/metadata/managedFields', value: [{ ...own, fieldsV1 }, ...rest] },
    // Nobody may have changed it since: 409 otherwise.
    { op: 'replace', path: '/metadata/resourceVersion', value: resourceVersion },
  ];
}

function isOlder({ manager, operation, subresource, fieldsV1 }: Entry): boolean {
  if (subresource !== undefined) return false;
  if (operation === 'Apply') return manager === EARLIER;
  return LAST_APPLIED in objectIn(objectIn(fieldsV1, 'f:metadata'), 'f:annotations');
}

/** Two sets of fields as one. */
function united(a: JsonObject, b: JsonObject): JsonObject {
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  return Object.fromEntries(names.map((name) => [name, both(a[name], b[name])]));
}

function both(a: Json | undefined, b: Json | undefined): Json {
  return united(isObject(a) ? a : {}, isObject(b) ? b : {});
}
