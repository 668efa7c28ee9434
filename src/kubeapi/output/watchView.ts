import { type JsonObject, objectIn } from '../../json/json.ts';
import type { WatchEvent } from '../verbs/watch.ts';
import type { View } from './present.ts';
import { includeObject, partialMetadata, tableOf } from './table.ts';

/** Objects that many watches show are put into words once. */
const texts = new WeakMap<JsonObject, string>();

/**
 * Makes the lines of one watch: an event as JSON with a line feed. In a table the columns are said by the first event
 * alone. Throws a 400 when the query asks for a table in a way that is not known.
 */
export function watchView({ kind, as, query }: Omit<View, 'now'>, now: () => number) {
  let hasColumns = true;
  const include = as?.kind === 'Table' ? includeObject(query) : 'Metadata';
  const show = (object: JsonObject): JsonObject => {
    if (as === undefined) return object;
    if (as.kind !== 'Table') return partialMetadata(object, as.version);
    const { resourceVersion = '' } = objectIn(object, 'metadata');
    const options = { version: as.version, include, now: now(), hasColumns };
    hasColumns = false;
    return tableOf(kind, [object], { resourceVersion }, options);
  };
  return ({ type, object }: WatchEvent): string => {
    const shown = type === 'ERROR' ? object : show(object);
    return `{"type":"${type}","object":${textOf(shown)}}\n`;
  };
}

function textOf(object: JsonObject): string {
  const known = texts.get(object);
  if (known !== undefined) return known;
  const text = JSON.stringify(object);
  texts.set(object, text);
  return text;
}
