import { type JsonObject, objectIn, sortKeys, textIn } from '../../json/json.ts';
import type { Kind } from '../kinds/kind.ts';
import { FieldSet } from './set.ts';
import { compare, ownedBy } from './walk.ts';

/** Where `kubectl apply` without `--server-side` writes down what it applied. */
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** The manager that `kubectl apply --server-side` is. It may take over what `kubectl apply` applied before. */
export const KUBECTL = 'kubectl';

/** The fields that were applied on the client's side and are as they were then. */
export function lastAppliedFields(kind: Kind, live: JsonObject): FieldSet {
  const text = textIn(objectIn(objectIn(live, 'metadata'), 'annotations'), LAST_APPLIED);
  if (text === '') return FieldSet.EMPTY;
  try {
    const applied = JSON.parse(text) as JsonObject;
    const { added, modified, removed } = compare(kind.schema, applied, live);
    return ownedBy(kind.schema, applied).difference(added).difference(modified).difference(removed);
  } catch {
    // Anybody can write the annotation: what is no JSON allows nothing.
    return FieldSet.EMPTY;
  }
}

/** The object with the annotation brought up to date, if it has it, so that one can go back to the client's side. */
export function withLastApplied(object: JsonObject, config: JsonObject): JsonObject {
  const metadata = objectIn(object, 'metadata');
  const annotations = objectIn(metadata, 'annotations');
  if (textIn(annotations, LAST_APPLIED) === '') return object;
  const text = `${JSON.stringify(sortKeys(config))}\n`;
  return {
    ...object,
    metadata: { ...metadata, annotations: { ...annotations, [LAST_APPLIED]: text } },
  };
}
