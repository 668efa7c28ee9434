import { type JsonObject, objectIn, textIn, withField } from '../../json/json.ts';
import { decodeObject } from '../decode/body.ts';
import { timestamp } from '../environment.ts';
import { alreadyExists, internal } from '../errors.ts';
import { trackUpdate } from '../fields/fieldManager.ts';
import { type Kind, resourceOf } from '../kinds/kind.ts';
import { isDeleting } from '../metadata/validate.ts';
import { type ApiRequest, keyOf, type Target } from '../request.ts';
import { check } from './check.ts';
import type { Context } from './context.ts';
import { ensureNamespace, namespaceOf } from './namespaces.ts';
import { writeOptions } from './options.ts';
import { created, placed, storable, type Written } from './write.ts';

/** POST of a new object. */
export async function create(
  context: Context,
  target: Target,
  request: ApiRequest,
): Promise<Written> {
  const { kind } = target;
  const options = writeOptions('Create', request.query, request);
  const decoded = decodeObject(request, kind, options.fieldValidation);
  const object = placed(decoded, { ...target, name: '' });
  const fresh = created(kind, object, context.environment);
  const tracked = trackUpdate(undefined, fresh, {
    kind,
    manager: options.manager,
    subresource: '',
    time: timestamp(context.environment.wall()),
  });
  check({ kind, subresource: '' }, tracked);
  return { code: 201, object: await insert(context, kind, tracked, options.dryRun) };
}

/** Stores a new object. Throws a 409 when there is one of that name. */
export async function insert(
  context: Context,
  kind: Kind,
  object: JsonObject,
  dryRun: boolean,
): Promise<JsonObject> {
  const metadata = objectIn(object, 'metadata');
  const name = textIn(metadata, 'name');
  if (!['', '0'].includes(textIn(metadata, 'resourceVersion'))) {
    throw internal('resourceVersion should not be set on objects to be created');
  }
  if (kind.isNamespaced && !dryRun) await ensureNamespace(context, namespaceOf(object));
  const fresh = { ...object, metadata: withField(metadata, 'resourceVersion', undefined) };
  const stored = await context.store.change(
    kind.storedAs,
    keyOf({ namespace: textIn(metadata, 'namespace'), name }),
    (current) => {
      if (current !== undefined) {
        const why = isDeleting(current) ? 'object is being deleted: ' : '';
        throw alreadyExists(resourceOf(kind), name, why);
      }
      return dryRun ? undefined : storable(kind, fresh);
    },
  );
  return kind.fromStored(stored ?? kind.toStored(fresh));
}
