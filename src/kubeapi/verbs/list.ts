import { isObject, type JsonObject, textIn } from '../../json/json.ts';
import { badRequest, expired, notFound, versionTooLarge } from '../errors.ts';
import { resourceOf } from '../kinds/kind.ts';
import { keyOf, type Target } from '../request.ts';
import type { Context } from './context.ts';
import { type ListOptions, listOptions, versionNumber } from './listOptions.ts';

/** One page of a list. */
export interface ListPage {
  readonly items: readonly JsonObject[];
  readonly resourceVersion: string;
  readonly continue: string;
  readonly remaining: number | undefined;
}

/** GET of one object. */
export function read({ store }: Context, target: Target): JsonObject {
  const { kind, name } = target;
  const found = store.collection(kind.storedAs).get(keyOf(target));
  if (found === undefined) throw notFound(resourceOf(kind), name);
  return kind.fromStored(found);
}

/** GET of a collection: a page of it when there is a limit. */
export function listPage(context: Context, target: Target, query: URLSearchParams): ListPage {
  const options = listOptions(target.kind, query, false);
  const token = options.continue === '' ? undefined : parseToken(options.continue);
  const version = versionToShow(context, options, token);
  const entries = entriesAt(context, target, version, token !== undefined);
  const all = entries
    .filter(([key]) => token === undefined || key >= token.start)
    .map(([key, object]) => ({ key, object: target.kind.fromStored(object) }))
    .filter(({ object }) => options.matches(object));
  const shown = options.limit > 0 ? all.slice(0, options.limit) : all;
  const next = all[shown.length];
  return {
    items: shown.map(({ object }) => object),
    resourceVersion: String(version),
    continue: next === undefined ? '' : tokenOf({ version, start: next.key }),
    remaining: next === undefined || options.isSelective ? undefined : all.length - shown.length,
  };
}

/** Keys and stored objects of the target's namespace, or of all. */
export function entriesOf(
  { store }: Context,
  { kind, namespace }: Target,
  version = store.version,
): [string, JsonObject][] | undefined {
  const collection = store.collection(kind.storedAs);
  const entries = version === store.version ? collection.entries() : collection.entriesAt(version);
  return namespace === '' ? entries : entries?.filter(([key]) => key.startsWith(`${namespace}/`));
}

function entriesAt(context: Context, target: Target, version: number, isContinued: boolean) {
  const entries = entriesOf(context, target, version);
  if (entries !== undefined) return entries;
  if (isContinued) {
    throw expired(
      'The provided continue parameter is too old to display a consistent list result. You must start a new list without the continue parameter.',
    );
  }
  const { floor } = context.store.collection(target.kind.storedAs);
  throw expired(`too old resource version: ${version} (${floor})`);
}

function versionToShow(
  { store }: Context,
  { resourceVersion, resourceVersionMatch }: ListOptions,
  token: Token | undefined,
): number {
  if (token !== undefined) return token.version;
  if (resourceVersion === '' || resourceVersion === '0') return store.version;
  const asked = versionNumber(resourceVersion);
  if (asked > store.version) throw versionTooLarge(resourceVersion, store.version);
  return resourceVersionMatch === 'Exact' ? asked : store.version;
}

interface Token {
  readonly version: number;
  /** Key of the first object of the next page. */
  readonly start: string;
}

function tokenOf({ version, start }: Token): string {
  return Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', rv: version, start })).toString(
    'base64url',
  );
}

function parseToken(text: string): Token {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(text, 'base64url').toString());
    if (isObject(parsed) && Number.isSafeInteger(parsed.rv) && typeof parsed.start === 'string') {
      return { version: parsed.rv as number, start: textIn(parsed, 'start') };
    }
  } catch {
    // Not even JSON: refused the same way.
  }
  throw badRequest('invalid continue token: continue key is not valid');
}
