import { isObject, type JsonObject, objectIn, textIn } from '../json/json.ts';
import { withDefaults } from '../schema/defaults.ts';
import { pruneUnknown } from '../schema/prune.ts';
import { metadataTypeProblem } from './decode/metadataTypes.ts';
import type { Kind } from './kinds/kind.ts';
import { isLabel } from './metadata/names.ts';
import { validateMetadata } from './metadata/validate.ts';
import { keyOf } from './request.ts';
import type { Store } from './store/store.ts';

export interface Restored {
  /** Namespaces of the objects that were taken. */
  readonly namespaces: readonly string[];
  readonly refused: readonly { readonly name: string; readonly problems: readonly string[] }[];
}

/** What of an object outlives the process: all but its status, which its controller writes again. */
export function lasting(object: JsonObject): JsonObject {
  const { status: _, ...rest } = object;
  const { resourceVersion: __, managedFields, ...metadata } = objectIn(rest, 'metadata');
  const owners = Array.isArray(managedFields)
    ? (managedFields as JsonObject[]).filter(({ subresource }) => subresource !== 'status')
    : [];
  return {
    ...rest,
    metadata: { ...metadata, ...(owners.length === 0 ? {} : { managedFields: owners }) },
  };
}

/** Restores objects of an earlier start. Objects that are no longer valid are skipped and reported. */
export function restore(store: Store, kind: Kind, objects: readonly JsonObject[]): Restored {
  const taken = new Map<string, JsonObject>();
  const refused: { name: string; problems: string[] }[] = [];
  for (const object of objects) {
    const metadata = objectIn(object, 'metadata');
    const key = keyOf({ namespace: textIn(metadata, 'namespace'), name: textIn(metadata, 'name') });
    const full = completed(kind, object);
    const problems = problemsOf(kind, full);
    if (problems.length > 0) refused.push({ name: key, problems });
    else taken.set(key, full);
  }
  store.restore(kind.storedAs, taken);
  const namespaces = [...taken.values()].map((object) =>
    textIn(objectIn(object, 'metadata'), 'namespace'),
  );
  return { namespaces: [...new Set(namespaces)], refused };
}

/** What is kept of a status says neither what is true now nor that nobody has looked yet: that, its default does. */
function completed({ schema }: Kind, object: JsonObject): JsonObject {
  const full = withDefaults(schema, pruneUnknown(schema, object).value) as JsonObject;
  const initial = schema.properties?.status?.default;
  return isObject(initial)
    ? { ...full, status: { ...initial, ...objectIn(full, 'status') } }
    : full;
}

function problemsOf(kind: Kind, object: JsonObject): string[] {
  const metadata = objectIn(object, 'metadata');
  const mistyped = metadataTypeProblem(object.metadata ?? null);
  if (mistyped !== undefined) return [mistyped];
  if (textIn(metadata, 'uid') === '') return ['metadata.uid: Required value'];
  if (!isLabel(textIn(metadata, 'namespace'))) return ['metadata.namespace: Required value'];
  const errors = [...validateMetadata(object), ...kind.validate(object, '')];
  return errors.map(({ field, message }) => `${field}: ${message}`);
}
