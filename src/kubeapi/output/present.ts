import { type JsonObject, objectIn, textIn, withField } from '../../json/json.ts';
import { StatusError } from '../errors.ts';
import { apiVersionOf, type Kind } from '../kinds/kind.ts';
import type { ListPage } from '../verbs/list.ts';
import type { Representation } from './negotiate.ts';
import { includeObject, partialMetadata, tableOf } from './table.ts';

/** What decides how objects are shown. */
export interface View {
  readonly kind: Kind;
  readonly as: Representation['as'];
  readonly query: URLSearchParams;
  readonly now: number;
}

/** One object in the form that was asked for. */
export function presentObject(object: JsonObject, { kind, as, query, now }: View): JsonObject {
  if (as === undefined) return object;
  const { version } = as;
  if (as.kind === 'Table') {
    const metadata = { resourceVersion: textIn(objectIn(object, 'metadata'), 'resourceVersion') };
    return tableOf(kind, [object], metadata, { version, include: includeObject(query), now });
  }
  if (as.kind === 'PartialObjectMetadata') return partialMetadata(object, version);
  throw wrongShape(as.kind, 'is not a list');
}

/** A page of a list in the form that was asked for. */
export function presentList(page: ListPage, { kind, as, query, now }: View): JsonObject {
  const metadata: JsonObject = {
    resourceVersion: page.resourceVersion,
    ...(page.continue === '' ? {} : { continue: page.continue }),
    ...(page.remaining === undefined ? {} : { remainingItemCount: page.remaining }),
  };
  if (as === undefined) return plainList(page, metadata, kind);
  const { version } = as;
  if (as.kind === 'Table') {
    return tableOf(kind, page.items, metadata, { version, include: includeObject(query), now });
  }
  if (as.kind === 'PartialObjectMetadata') throw wrongShape(as.kind, 'is a list');
  return {
    kind: 'PartialObjectMetadataList',
    apiVersion: `meta.k8s.io/${version}`,
    metadata,
    items: page.items.map((object) => partialMetadata(object, version)),
  };
}

/** Lists of built-in kinds leave out what their items have in common; those of a CRD always say `continue`. */
function plainList({ items }: ListPage, metadata: JsonObject, kind: Kind): JsonObject {
  return {
    kind: `${kind.kind}List`,
    apiVersion: apiVersionOf(kind),
    metadata: kind.isBuiltIn ? metadata : { continue: '', ...metadata },
    items: kind.isBuiltIn
      ? items.map((item) => withField(withField(item, 'kind', undefined), 'apiVersion', undefined))
      : items,
  };
}

function wrongShape(asked: string, is: string): StatusError {
  const type = is === 'is a list' ? '*unstructured.UnstructuredList' : '*unstructured.Unstructured';
  const message = `you requested ${asked}, but the requested object ${is} (${type})`;
  return new StatusError(406, 'NotAcceptable', message);
}
