import { type JsonObject, objectIn, textIn } from '../../json/json.ts';
import { timestamp } from '../environment.ts';
import { conflict, notFound } from '../errors.ts';
import { type Kind, kindOf, resourceOf } from '../kinds/kind.ts';
import { finalizersOf, isDeleting } from '../metadata/validate.ts';
import { type ApiRequest, keyOf, type Target } from '../request.ts';
import type { Context } from './context.ts';
import { type DeleteOptions, deleteOptions } from './deleteOptions.ts';
import { type ListPage, listPage } from './list.ts';

/** DELETE of one object. Answers with a Status, or with the object when finalizers hold it back. */
export async function remove(
  context: Context,
  target: Target,
  request: ApiRequest,
): Promise<JsonObject> {
  const options = deleteOptions(request);
  const { object, isGone } = await removeOne(context, target, options);
  if (!isGone) return object;
  const { kind, name } = target;
  const details = { name, ...(kind.group === '' ? {} : { group: kind.group }), kind: kind.plural };
  const uid = textIn(objectIn(object, 'metadata'), 'uid');
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: { ...details, uid },
  };
}

/** DELETE of all objects that a list would show. Answers with that list. */
export async function removeAll(
  context: Context,
  target: Target,
  request: ApiRequest,
): Promise<ListPage> {
  const options = deleteOptions(request);
  const page = listPage(context, target, request.query);
  for (const object of page.items) {
    const metadata = objectIn(object, 'metadata');
    const one = {
      ...target,
      name: textIn(metadata, 'name'),
      namespace: textIn(metadata, 'namespace'),
    };
    await removeOne(context, one, options).catch((error: unknown) => {
      // Somebody else removed it in the meantime.
      if ((error as { code?: number }).code !== 404) throw error;
    });
  }
  return page;
}

async function removeOne(
  { store, environment }: Context,
  target: Target,
  options: DeleteOptions,
): Promise<{ object: JsonObject; isGone: boolean }> {
  const { kind, name } = target;
  let isGone = true;
  let last: JsonObject | undefined;
  await store.change(kind.storedAs, keyOf(target), (current) => {
    if (current === undefined) throw notFound(resourceOf(kind), name);
    checkPreconditions(kind, name, kind.fromStored(current), options);
    isGone = finalizersOf(current).length === 0;
    if (isGone || isDeleting(current)) {
      last = current;
      return isGone && !options.dryRun ? undefined : current;
    }
    const waiting = marked(kind, current, environment.wall());
    if (options.dryRun) last = waiting;
    return options.dryRun ? current : waiting;
  });
  const object = last ?? store.collection(kind.storedAs).get(keyOf(target)) ?? {};
  return { object: kind.fromStored(object), isGone };
}

/** The object as one that waits for its finalizers. */
function marked({ isBuiltIn }: Kind, object: JsonObject, now: number): JsonObject {
  const metadata = objectIn(object, 'metadata');
  return {
    ...object,
    metadata: {
      ...metadata,
      deletionGracePeriodSeconds: 0,
      deletionTimestamp: timestamp(now),
      ...(isBuiltIn ? {} : { generation: Number(metadata.generation ?? 0) + 1 }),
    },
  };
}

/** Throws a 409 when the object is not the one that the client means. */
export function checkPreconditions(
  kind: Kind,
  name: string,
  object: JsonObject,
  { uid, resourceVersion }: DeleteOptions,
): void {
  const metadata = objectIn(object, 'metadata');
  const is = { uid: textIn(metadata, 'uid'), version: textIn(metadata, 'resourceVersion') };
  if (uid !== '' && uid !== is.uid) {
    const why = `the UID in the precondition (${uid}) does not match the UID in record (${is.uid}). The object might have been deleted and then recreated`;
    throw conflict(kindOf(kind), name, why);
  }
  if (resourceVersion !== '' && resourceVersion !== is.version) {
    const why = `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${is.version}). The object might have been modified`;
    throw conflict(kindOf(kind), name, why);
  }
}
