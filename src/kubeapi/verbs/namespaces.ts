import { type JsonObject, objectIn, textIn } from '../../json/json.ts';
import { timestamp } from '../environment.ts';
import { notFound, StatusError } from '../errors.ts';
import { apiVersionOf, resourceOf } from '../kinds/kind.ts';
import { namespaces } from '../kinds/namespaces.ts';
import { isLabel } from '../metadata/names.ts';
import type { ApiRequest, Target } from '../request.ts';
import type { Context } from './context.ts';
import { checkPreconditions, removeAll } from './delete.ts';
import { deleteOptions } from './deleteOptions.ts';
import { completed } from './write.ts';

/** The namespace of who names none: always there. */
const DEFAULT = 'default';

/** Makes a namespace that is used for the first time. Throws a 404 when it can be none. */
export async function ensureNamespace(
  { store, environment }: Pick<Context, 'store' | 'environment'>,
  name: string = DEFAULT,
): Promise<void> {
  if (!isLabel(name)) throw notFound(resourceOf(namespaces), name);
  if (store.collection(namespaces.storedAs).get(name) !== undefined) return;
  const fresh = completed(namespaces, {
    apiVersion: apiVersionOf(namespaces),
    kind: namespaces.kind,
    metadata: {
      name,
      uid: environment.uid(),
      creationTimestamp: timestamp(environment.wall()),
    },
  });
  await store.change(namespaces.storedAs, name, (current) => current ?? namespaces.toStored(fresh));
}

/** A namespace goes with all that is in it. Throws a 403 for the default one. */
export async function emptyNamespace(
  context: Context,
  { name }: Target,
  request: ApiRequest,
): Promise<void> {
  if (name === DEFAULT) {
    const { group, word } = resourceOf(namespaces);
    const message = `${word} "${name}" is forbidden: this namespace may not be deleted`;
    throw new StatusError(403, 'Forbidden', message, { name, group, kind: word });
  }
  const found = context.store.collection(namespaces.storedAs).get(name);
  if (found === undefined) throw notFound(resourceOf(namespaces), name);
  const options = deleteOptions(request);
  checkPreconditions(namespaces, name, found, options);
  if (options.dryRun) return;
  // What the request says of the namespace does not go for what is in it.
  const plain = { ...request, body: '', query: new URLSearchParams() };
  for (const kind of context.kinds.filter(({ isNamespaced }) => isNamespaced)) {
    await removeAll(context, { kind, namespace: name, name: '', subresource: '' }, plain);
  }
}

/** Name of the namespace in an object's metadata. */
export function namespaceOf(object: JsonObject): string {
  return textIn(objectIn(object, 'metadata'), 'namespace');
}
