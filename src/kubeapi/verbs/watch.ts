import type { JsonObject } from '../../json/json.ts';
import { expired, internal, type StatusError, versionTooLarge } from '../errors.ts';
import { apiVersionOf } from '../kinds/kind.ts';
import type { Target } from '../request.ts';
import type { Change } from '../store/history.ts';
import { withVersion } from '../store/store.ts';
import type { Context } from './context.ts';
import { entriesOf } from './list.ts';
import { type ListOptions, listOptions, versionNumber } from './listOptions.ts';

export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: JsonObject;
}

/** A watch that was asked for and has not begun. */
export interface Watch {
  /** As long as the client wants it at most. */
  readonly timeoutSeconds: number | undefined;
  readonly allowsBookmarks: boolean;
  /** Sends the existing objects at once, and every later change. Returns the function that ends it. */
  start(send: (event: WatchEvent) => void): () => void;
  /** Sends the progress of the watch while nothing changes. */
  bookmark(): WatchEvent;
}

/** A watch of a collection. Throws when it cannot be. */
export function watch(context: Context, target: Target, query: URLSearchParams): Watch {
  const options = listOptions(target.kind, query, true);
  const { store } = context;
  const { resourceVersion, sendInitialEvents } = options;
  const from = startVersion(resourceVersion, store.version);
  if (sendInitialEvents === true && from > store.version) {
    throw versionTooLarge(resourceVersion, store.version);
  }
  const isFresh = ['', '0'].includes(resourceVersion);
  return {
    timeoutSeconds: options.timeoutSeconds,
    allowsBookmarks: options.allowWatchBookmarks,
    bookmark: () => bookmarkOf(target, store.version),
    start: (send) => {
      if (sendInitialEvents ?? isFresh) {
        sendCurrent(context, target, options, send);
        return follow(context, target, options, store.version, send);
      }
      return follow(context, target, options, isFresh ? store.version : from, send);
    },
  };
}

function startVersion(resourceVersion: string, newest: number): number {
  if (['', '0'].includes(resourceVersion)) return newest;
  return versionNumber(resourceVersion, (complaint) => internal(complaint));
}

function sendCurrent(
  context: Context,
  target: Target,
  { matches, sendInitialEvents, allowWatchBookmarks }: ListOptions,
  send: (event: WatchEvent) => void,
): void {
  for (const [, stored] of entriesOf(context, target) ?? []) {
    const object = target.kind.fromStored(stored);
    if (matches(object)) send({ type: 'ADDED', object });
  }
  if (sendInitialEvents && allowWatchBookmarks) {
    const end = { 'k8s.io/initial-events-end': 'true' };
    send(bookmarkOf(target, context.store.version, { annotations: end }));
  }
}

function follow(
  { store }: Context,
  target: Target,
  { matches }: ListOptions,
  version: number,
  send: (event: WatchEvent) => void,
): () => void {
  const collection = store.collection(target.kind.storedAs);
  const missed = collection.since(version);
  if (missed === undefined) {
    send(errorEvent(expired(`too old resource version: ${version} (${collection.floor})`)));
    return () => {};
  }
  const sendChange = (change: Change): void => {
    const event = change.version > version ? eventOf(change, target, matches) : undefined;
    if (event !== undefined) send(event);
  };
  for (const change of missed) sendChange(change);
  return collection.subscribe(sendChange);
}

/** What a change is to somebody who sees only what matches. */
function eventOf(
  change: Change,
  { kind, namespace }: Target,
  matches: (object: JsonObject) => boolean,
): WatchEvent | undefined {
  if (namespace !== '' && !change.key.startsWith(`${namespace}/`)) return undefined;
  const before = change.before && kind.fromStored(change.before);
  const after = change.after && kind.fromStored(change.after);
  const wasSeen = before !== undefined && matches(before);
  if (after !== undefined && matches(after)) {
    return { type: wasSeen ? 'MODIFIED' : 'ADDED', object: after };
  }
  return wasSeen ? { type: 'DELETED', object: withVersion(before, change.version) } : undefined;
}

function bookmarkOf({ kind }: Target, version: number, metadata: JsonObject = {}): WatchEvent {
  const object = { kind: kind.kind, apiVersion: apiVersionOf(kind), metadata };
  return { type: 'BOOKMARK', object: withVersion(object, version) };
}

function errorEvent(error: StatusError): WatchEvent {
  return { type: 'ERROR', object: error.toStatus() };
}
