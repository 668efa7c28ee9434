import { type JsonObject, objectIn, textIn } from '../../json/json.ts';
import { invalidValue } from '../../schema/fieldError.ts';
import { decodeObject } from '../decode/body.ts';
import { timestamp } from '../environment.ts';
import { conflict, internal, invalid, MODIFIED, notFound } from '../errors.ts';
import { trackUpdate } from '../fields/fieldManager.ts';
import { resourceOf } from '../kinds/kind.ts';
import { finalizersOf, isDeleting } from '../metadata/validate.ts';
import { type ApiRequest, keyOf, type Target } from '../request.ts';
import { check } from './check.ts';
import type { Context } from './context.ts';
import { writeOptions } from './options.ts';
import { completed, isSame, placed, storable, updated, type Written } from './write.ts';

/** PUT of an object or of its status. */
export async function replace(
  context: Context,
  target: Target,
  request: ApiRequest,
): Promise<Written> {
  const { kind } = target;
  const options = writeOptions('Update', request.query, request);
  const object = placed(decodeObject(request, kind, options.fieldValidation), target);
  const full = completed(kind, object);
  const uid = textIn(objectIn(object, 'metadata'), 'uid');
  const changed = await change(context, target, options, (current) => {
    checkUid(target, uid, current);
    return track(context, target, current, full, options.manager);
  });
  return { code: 200, object: changed };
}

/** A client that names the uid means that object, and none that came after it. */
function checkUid({ kind, namespace, name }: Target, uid: string, current: JsonObject): void {
  const is = textIn(objectIn(current, 'metadata'), 'uid');
  if (uid === '' || uid === is) return;
  const path = `/registry/${kind.group}/${kind.plural}/${keyOf({ namespace, name })}`;
  throw conflict(
    resourceOf(kind),
    name,
    `StorageError: invalid object, Code: 4, Key: ${path}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: ${uid}, UID in object meta: ${is}`,
  );
}

/** The updated object with the manager as the owner of what it changed. */
export function track(
  { environment }: Context,
  { kind, subresource }: Target,
  current: JsonObject,
  object: JsonObject,
  manager: string,
): JsonObject {
  const time = timestamp(environment.wall());
  return trackUpdate(current, object, { kind, manager, subresource, time });
}

/**
 * Stores what `make` makes of the current object, and answers with it. Throws a 404 when there is none, a 409 when it
 * is not the one that the client saw. Writes nothing when nothing changes.
 */
export async function change(
  context: Context,
  target: Target,
  { dryRun }: { dryRun: boolean },
  make: (current: JsonObject) => JsonObject,
): Promise<JsonObject> {
  const { kind, name } = target;
  let answer: JsonObject | undefined;
  const stored = await context.store.change(kind.storedAs, keyOf(target), (found) => {
    if (found === undefined) throw notFound(resourceOf(kind), name);
    const current = kind.fromStored(found);
    const made = make(current);
    checkVersion(target, made, current);
    const next = updated(target, made, current);
    check(target, next, current);
    const isGone = isDeleting(current) && finalizersOf(next).length === 0;
    if (isGone || dryRun) answer = next;
    if (isGone) return dryRun ? found : undefined;
    const kept = storable(kind, next);
    return dryRun || isSame(kept, found) ? found : kept;
  });
  if (answer !== undefined) return answer;
  if (stored === undefined) throw notFound(resourceOf(kind), name);
  return kind.fromStored(stored);
}

function checkVersion({ kind, name }: Target, made: JsonObject, current: JsonObject): void {
  const version = textIn(objectIn(made, 'metadata'), 'resourceVersion');
  if (version !== '' && !/^\d+$/.test(version)) {
    throw internal(`strconv.ParseUint: parsing ${JSON.stringify(version)}: invalid syntax`);
  }
  const isUnset = version === '' || version === '0';
  if (isUnset && kind.isBuiltIn) return;
  if (isUnset) {
    throw invalid(resourceOf(kind), name, [
      invalidValue('metadata.resourceVersion', 0, 'must be specified for an update'),
    ]);
  }
  if (version !== textIn(objectIn(current, 'metadata'), 'resourceVersion')) {
    throw conflict(resourceOf(kind), name, MODIFIED);
  }
}
