import { isObject, type JsonObject, objectIn, textIn, withField } from '../../json/json.ts';
import { pruneUnknown } from '../../schema/prune.ts';
import { withoutEmptyMetadata } from '../decode/body.ts';
import { checkValues } from '../decode/bounds.ts';
import { goType } from '../decode/metadataTypes.ts';
import { decodeYaml, TextError } from '../decode/text.ts';
import { timestamp } from '../environment.ts';
import { badRequest, conflict, notFound, StatusError } from '../errors.ts';
import { serverSideApply } from '../fields/fieldManager.ts';
import { apiVersionOf, resourceOf } from '../kinds/kind.ts';
import { type ApiRequest, keyOf, type Target } from '../request.ts';
import { check } from './check.ts';
import type { Context } from './context.ts';
import { insert } from './create.ts';
import { type WriteOptions, writeOptions } from './options.ts';
import { change } from './update.ts';
import { completed, created, placed, type Written } from './write.ts';

/** Server-side apply: the manager says all that it wants, and owns it from then on. Creates what is not there. */
export async function apply(
  context: Context,
  target: Target,
  request: ApiRequest,
): Promise<Written> {
  const { userAgent } = request;
  const options = writeOptions('Patch', request.query, { userAgent, isApply: true });
  const config = decodeConfig(request, target, options);
  const write = (live: JsonObject): JsonObject => {
    const { kind, subresource } = target;
    const time = timestamp(context.environment.wall());
    const writer = { kind, subresource, time, manager: options.manager };
    const applied = serverSideApply(live, config, writer, options.force);
    checkValues(applied);
    const known = pruneUnknown(kind.schema, withoutEmptyMetadata(applied)).value;
    return completed(kind, known as JsonObject);
  };
  for (;;) {
    if (exists(context, target)) {
      const object = await change(context, target, options, (current) =>
        placed(write(current), target),
      );
      return { code: 200, object };
    }
    const object = await createApplied(context, target, config, options, write);
    if (object !== undefined) return { code: 201, object };
    // Somebody was faster: it is there now, and there is something to apply to.
  }
}

function exists({ store }: Context, target: Target): boolean {
  return store.collection(target.kind.storedAs).get(keyOf(target)) !== undefined;
}

async function createApplied(
  context: Context,
  target: Target,
  config: JsonObject,
  { dryRun }: WriteOptions,
  write: (live: JsonObject) => JsonObject,
): Promise<JsonObject | undefined> {
  const { kind, name, subresource } = target;
  if (subresource !== '') throw notFound(resourceOf(kind), name);
  const uid = textIn(objectIn(config, 'metadata'), 'uid');
  if (uid !== '') {
    const why = `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`;
    throw conflict(resourceOf(kind), name, why);
  }
  const object = placed(write({}), target);
  const fresh = created(kind, object, context.environment);
  check(target, fresh);
  try {
    return await insert(context, kind, fresh, dryRun);
  } catch (error) {
    if (error instanceof StatusError && error.reason === 'AlreadyExists') return undefined;
    throw error;
  }
}

function decodeConfig(
  { body, warn }: ApiRequest,
  { kind }: Target,
  { fieldValidation }: WriteOptions,
): JsonObject {
  const { value, duplicates } = decode(body);
  const object = value === null ? {} : value;
  if (!isObject(object)) {
    throw badRequest(
      `error decoding YAML: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${goType(object)} into Go value of type map[string]interface {}`,
    );
  }
  if (duplicates.length > 0 && fieldValidation === 'Strict') {
    throw badRequest(
      `error strict decoding YAML: error converting YAML to JSON: yaml: unmarshal errors:\n  ${duplicates.join('\n  ')}`,
    );
  }
  if (objectIn(object, 'metadata').managedFields !== undefined) {
    throw badRequest('metadata.managedFields must be nil');
  }
  const given = textIn(object, 'apiVersion');
  if (given !== apiVersionOf(kind) || textIn(object, 'kind') !== kind.kind) {
    const version = given === '' ? '/' : given;
    throw badRequest(`invalid object type: ${version}, Kind=${textIn(object, 'kind')}`);
  }
  if (fieldValidation === 'Warn') duplicates.forEach(warn);
  return withField(object, 'metadata', objectIn(object, 'metadata'));
}

function decode(body: string): ReturnType<typeof decodeYaml> {
  try {
    return decodeYaml(body);
  } catch (error) {
    if (!(error instanceof TextError)) throw error;
    throw badRequest(`error decoding YAML: error converting YAML to JSON: ${error.message}`);
  }
}
