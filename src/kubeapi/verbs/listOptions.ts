import { type JsonObject, objectIn, textIn } from '../../json/json.ts';
import { type FieldError, forbidden, notSupported } from '../../schema/fieldError.ts';
import { badRequest } from '../errors.ts';
import type { Kind } from '../kinds/kind.ts';
import { type Fields, parseFieldSelector } from '../store/fieldSelector.ts';
import { parseLabelSelector } from '../store/labelSelector.ts';
import { flag, invalidOptions, wholeNumber } from './options.ts';

/** What the query of a list or a watch says. */
export interface ListOptions {
  readonly matches: (object: JsonObject) => boolean;
  /** Whether anything is selected: then nobody can say how many objects remain. */
  readonly isSelective: boolean;
  readonly limit: number;
  readonly continue: string;
  /** `''`: the newest. */
  readonly resourceVersion: string;
  readonly resourceVersionMatch: '' | 'Exact' | 'NotOlderThan';
  readonly timeoutSeconds: number | undefined;
  readonly allowWatchBookmarks: boolean;
  /** undefined: as resourceVersion implies. */
  readonly sendInitialEvents: boolean | undefined;
}

const MATCHES = ['Exact', 'NotOlderThan', ''];

/** Reads the options of a list or a watch. Throws a 400 or a 422 that names what is wrong. */
export function listOptions(kind: Kind, query: URLSearchParams, isWatch: boolean): ListOptions {
  const text = (name: string) => query.get(name) ?? '';
  const options = {
    limit: wholeNumber(query, 'limit') ?? 0,
    continue: text('continue'),
    resourceVersion: text('resourceVersion'),
    resourceVersionMatch: text('resourceVersionMatch'),
    timeoutSeconds: wholeNumber(query, 'timeoutSeconds'),
    allowWatchBookmarks: flag(query, 'allowWatchBookmarks'),
    sendInitialEvents: query.has('sendInitialEvents')
      ? flag(query, 'sendInitialEvents')
      : undefined,
  };
  const selector = { labels: text('labelSelector'), fields: text('fieldSelector') };
  const matches = selectorOf(kind, selector);
  const errors = isWatch ? watchErrors(options) : listErrors(options);
  if (errors.length > 0) throw invalidOptions('ListOptions', errors);
  return {
    ...options,
    resourceVersionMatch: options.resourceVersionMatch as ListOptions['resourceVersionMatch'],
    matches,
    isSelective: selector.labels !== '' || selector.fields !== '',
  };
}

function selectorOf(kind: Kind, { labels, fields }: { labels: string; fields: string }) {
  const byLabels = parseLabelSelector(labels);
  const byFields = parseFieldSelector(fields, Object.keys(fieldsOf(kind, {})));
  return (object: JsonObject): boolean =>
    byLabels(objectIn(objectIn(object, 'metadata'), 'labels')) && byFields(fieldsOf(kind, object));
}

function fieldsOf(kind: Kind, object: JsonObject): Fields {
  const metadata = objectIn(object, 'metadata');
  return {
    'metadata.name': textIn(metadata, 'name'),
    ...(kind.isNamespaced ? { 'metadata.namespace': textIn(metadata, 'namespace') } : {}),
    ...kind.selectable(object),
  };
}

interface Versions {
  readonly resourceVersion: string;
  readonly resourceVersionMatch: string;
  readonly continue: string;
  readonly sendInitialEvents: boolean | undefined;
}

function listErrors({
  resourceVersion,
  resourceVersionMatch: match,
  continue: token,
  sendInitialEvents,
}: Versions): FieldError[] {
  const field = 'resourceVersionMatch';
  const errors: FieldError[] = [];
  if (match !== '') {
    if (resourceVersion === '') {
      errors.push(forbidden(field, `${field} is forbidden unless resourceVersion is provided`));
    }
    if (token !== '')
      errors.push(forbidden(field, `${field} is forbidden when continue is provided`));
    if (!MATCHES.includes(match)) errors.push(notSupported(field, match, MATCHES));
    if (match === 'Exact' && resourceVersion === '0') {
      errors.push(forbidden(field, `${field} "exact" is forbidden for resourceVersion "0"`));
    }
  }
  if (sendInitialEvents !== undefined) {
    errors.push(forbidden('sendInitialEvents', 'sendInitialEvents is forbidden for list'));
  }
  return errors;
}

function watchErrors({ resourceVersionMatch: match, sendInitialEvents }: Versions): FieldError[] {
  const field = 'resourceVersionMatch';
  if (sendInitialEvents === undefined) {
    return match === ''
      ? []
      : [forbidden(field, `${field} is forbidden for watch unless sendInitialEvents is provided`)];
  }
  if (match === '') {
    return [
      forbidden(field, 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'),
    ];
  }
  return match === 'NotOlderThan' ? [] : [notSupported(field, match, ['NotOlderThan'])];
}

/** A resource version as a number. Throws what `wrong` makes of Go's complaint. */
export function versionNumber(
  version: string,
  wrong: (complaint: string) => Error = (complaint) =>
    badRequest(`invalid resource version: ${complaint}`),
): number {
  if (!/^\d+$/.test(version)) {
    const quoted = JSON.stringify(version);
    throw wrong(
      `resourceVersion: Invalid value: ${quoted}: strconv.ParseUint: parsing ${quoted}: invalid syntax`,
    );
  }
  return Number(version);
}
