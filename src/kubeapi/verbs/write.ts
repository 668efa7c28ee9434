import { isDeepStrictEqual } from 'node:util';
import {
  isObject,
  type Json,
  type JsonObject,
  objectIn,
  textIn,
  withField,
} from '../../json/json.ts';
import { withDefaults } from '../../schema/defaults.ts';
import { type Environment, timestamp } from '../environment.ts';
import { badRequest, internal } from '../errors.ts';
import type { Kind } from '../kinds/kind.ts';
import { isDeleting } from '../metadata/validate.ts';
import type { Target } from '../request.ts';

/** The answer to a write. */
export interface Written {
  readonly code: 200 | 201;
  readonly object: JsonObject;
}

/** The object with the name and namespace that its place asks for. Throws when it says others. */
export function placed(object: JsonObject, { namespace, name }: Target): JsonObject {
  const metadata = objectIn(object, 'metadata');
  if (name !== '') {
    const given = textIn(metadata, 'name');
    if (given === '') {
      throw badRequest(
        `the name of the object (${name} based on URL) was undeterminable: name must be provided`,
      );
    }
    if (given !== name) {
      throw badRequest(
        `the name of the object (${given}) does not match the name on the URL (${name})`,
      );
    }
  }
  const given = textIn(metadata, 'namespace');
  if (given !== '' && given !== namespace) {
    throw badRequest(
      'the namespace of the provided object does not match the namespace sent on the request',
    );
  }
  return { ...object, metadata: withField(metadata, 'namespace', namespace || undefined) };
}

/** A new object, with what the server sets and the schema's defaults. A status, also a default one, is not stored. */
export function created(kind: Kind, object: JsonObject, environment: Environment): JsonObject {
  const {
    selfLink: _,
    deletionTimestamp: __,
    deletionGracePeriodSeconds: ___,
    ...rest
  } = objectIn(object, 'metadata');
  const prefix = textIn(rest, 'generateName');
  const generated = prefix === '' ? '' : `${prefix.slice(0, 58)}${environment.suffix()}`;
  const metadata = {
    ...withField(rest, 'generation', kind.isBuiltIn ? undefined : 1),
    ...(textIn(rest, 'name') === '' && generated !== '' ? { name: generated } : {}),
    creationTimestamp: timestamp(environment.wall()),
    uid: environment.uid(),
  };
  const full = completed(kind, { ...object, metadata });
  return kind.hasStatus ? withField(full, 'status', undefined) : full;
}

/** Largest object that is stored, in bytes (etcd, --max-request-bytes). */
const MAX_STORED = 1.5 * 1024 * 1024;

/** The object as it is stored. Throws a 500, as a real API server does, when it is too large. */
export function storable(kind: Kind, object: JsonObject): JsonObject {
  const stored = kind.toStored(object);
  if (Buffer.byteLength(JSON.stringify(stored)) > MAX_STORED) {
    throw internal(`the object is too large to be stored: limit is ${MAX_STORED} bytes`);
  }
  return stored;
}

/** The object with the schema's defaults, and what else the server says where nobody did. */
export function completed(kind: Kind, object: JsonObject): JsonObject {
  const full = withDefaults(kind.schema, object) as JsonObject;
  return kind.complete?.(full) ?? full;
}

/**
 * An object as an update leaves it: fields that the client does not own are as they were, and the generation counts the
 * changes of what it does.
 */
export function updated(
  { kind, subresource }: Target,
  object: JsonObject,
  before: JsonObject,
): JsonObject {
  const owned = belongings(kind, object, before, subresource);
  const [now, old] = [objectIn(owned, 'metadata'), objectIn(before, 'metadata')];
  const kept: Record<string, Json | undefined> = {
    uid: now.uid ?? old.uid,
    creationTimestamp: old.creationTimestamp,
    generation: old.generation,
    ...(isDeleting(before)
      ? {
          deletionTimestamp: old.deletionTimestamp,
          deletionGracePeriodSeconds: old.deletionGracePeriodSeconds,
        }
      : {}),
  };
  if (!kind.isBuiltIn && !isDeepStrictEqual(specOf(owned), specOf(before))) {
    kept.generation = Number(old.generation ?? 0) + 1;
  }
  const metadata = Object.entries(kept).reduce(
    (all, [field, value]) => withField(all, field, value),
    now,
  );
  return withField({ ...owned, metadata }, 'status', owned.status);
}

/** `/status` writes the status alone, the main resource everything but the status. */
function belongings(
  kind: Kind,
  object: JsonObject,
  before: JsonObject,
  subresource: Target['subresource'],
): JsonObject {
  if (!kind.hasStatus) return object;
  if (subresource === '') return withField(object, 'status', before.status);
  const { apiVersion = null, kind: name = null } = object;
  const { managedFields } = objectIn(object, 'metadata');
  const metadata = withField(objectIn(before, 'metadata'), 'managedFields', managedFields);
  return withField({ ...before, apiVersion, kind: name, metadata }, 'status', object.status);
}

function specOf(object: JsonObject): JsonObject {
  const { metadata: _, status: __, apiVersion: ___, kind: ____, ...rest } = object;
  return rest;
}

/** Whether two objects differ in no more than the times of their owners: then nothing is written. */
export function isSame(a: JsonObject, b: JsonObject): boolean {
  return isDeepStrictEqual(withoutOwnerTimes(a), withoutOwnerTimes(b));
}

function withoutOwnerTimes(object: JsonObject): JsonObject {
  const metadata = objectIn(object, 'metadata');
  const { managedFields } = metadata;
  if (!Array.isArray(managedFields)) return object;
  const entries = (managedFields as Json[]).map((entry) =>
    isObject(entry) ? withField(entry, 'time', undefined) : entry,
  );
  return { ...object, metadata: { ...metadata, managedFields: entries } };
}
