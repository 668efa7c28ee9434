import { type Json, type JsonObject, objectIn } from '../../json/json.ts';
import { badRequest } from '../errors.ts';
import type { Kind } from '../kinds/kind.ts';

export type IncludeObject = 'None' | 'Metadata' | 'Object';

/** What of each object goes along with its row. Throws a 400. */
export function includeObject(query: URLSearchParams): IncludeObject {
  const value = query.get('includeObject') ?? '';
  if (value === '') return 'Metadata';
  if (value === 'None' || value === 'Metadata' || value === 'Object') return value;
  throw badRequest(
    `Unable to convert to Table as requested: includeObject: Invalid value: ${JSON.stringify(value)}: must be 'Metadata', 'Object', 'None', or empty`,
  );
}

export interface TableOptions {
  readonly version: 'v1' | 'v1beta1';
  readonly include: IncludeObject;
  /** Milliseconds since the epoch, to count ages from. */
  readonly now: number;
  /** A watch says what the columns are once. */
  readonly hasColumns?: boolean;
}

/** Objects as a metav1.Table: what `kubectl get` prints. */
export function tableOf(
  { columns }: Kind,
  objects: readonly JsonObject[],
  metadata: JsonObject,
  { version, include, now, hasColumns = true }: TableOptions,
): JsonObject {
  return {
    kind: 'Table',
    apiVersion: `meta.k8s.io/${version}`,
    metadata,
    columnDefinitions: hasColumns
      ? columns.map(({ name, type, format = '', description, priority }) => ({
          name,
          type,
          format,
          description,
          priority,
        }))
      : null,
    rows: objects.map((object) => ({
      cells: columns.map((column) => column.cell(object, now)),
      object: rowObject(object, version, include),
    })),
  };
}

function rowObject(object: JsonObject, version: 'v1' | 'v1beta1', include: IncludeObject): Json {
  if (include === 'None') return null;
  return include === 'Object' ? object : partialMetadata(object, version);
}

/** The metadata of an object alone, as a metav1.PartialObjectMetadata. */
export function partialMetadata(object: JsonObject, version: 'v1' | 'v1beta1'): JsonObject {
  return {
    kind: 'PartialObjectMetadata',
    apiVersion: `meta.k8s.io/${version}`,
    metadata: objectIn(object, 'metadata'),
  };
}
