import { isObject, type Json, type JsonObject, sortKeys, textIn } from '../../json/json.ts';
import { invalidValue } from '../../schema/fieldError.ts';
import { shortened } from '../../schema/shortened.ts';
import { acceptFields } from '../decode/body.ts';
import { mediaType } from '../decode/mediaType.ts';
import { goType } from '../decode/metadataTypes.ts';
import { type Decoded, decodeJson, TextError } from '../decode/text.ts';
import { badRequest, invalid, type StatusError, unsupportedMediaType } from '../errors.ts';
import { jsonPatch, MAX_OPERATIONS, parseJsonPatch } from '../patch/jsonPatch.ts';
import { mergePatch } from '../patch/mergePatch.ts';
import type { ApiRequest, Target } from '../request.ts';
import { apply } from './apply.ts';
import type { Context } from './context.ts';
import { writeOptions } from './options.ts';
import { change, track } from './update.ts';
import { completed, placed, type Written } from './write.ts';

const JSON_PATCH = 'application/json-patch+json';
const MERGE_PATCH = 'application/merge-patch+json';
const STRATEGIC = 'application/strategic-merge-patch+json';
const APPLY = 'application/apply-patch+yaml';

/** PATCH of an object or of its status, in one of the ways that its content type names. */
export async function patch(
  context: Context,
  target: Target,
  request: ApiRequest,
): Promise<Written> {
  const type = mediaType(request.contentType);
  const { isBuiltIn } = target.kind;
  if (type === APPLY && !isBuiltIn) return apply(context, target, request);
  // The built-in kinds here have no list that a strategic merge patch would merge.
  if (type !== JSON_PATCH && type !== MERGE_PATCH && !(type === STRATEGIC && isBuiltIn)) {
    throw unsupportedMediaType([JSON_PATCH, MERGE_PATCH, isBuiltIn ? STRATEGIC : APPLY]);
  }
  const options = writeOptions('Patch', request.query, request);
  const plan = type === JSON_PATCH ? planJsonPatch(request.body) : planMergePatch(request.body);
  const { kind } = target;
  const object = await change(context, target, options, (current) => {
    const patched = plan.run(current);
    if (!isObject(patched) || textIn(patched, 'kind') === '') throw noKind(patched);
    const { accepted, problems } = acceptFields(patched, plan.problems, kind, (why) =>
      invalidPatch(patched, why),
    );
    if (options.fieldValidation === 'Strict' && problems.length > 0) {
      throw invalidPatch(patched, `strict decoding error: ${problems.join(', ')}`);
    }
    if (options.fieldValidation === 'Warn') problems.forEach(request.warn);
    const object = completed(kind, placed(accepted, target));
    return track(context, target, current, object, options.manager);
  });
  return { code: 200, object };
}

interface Plan {
  run(current: JsonObject): Json;
  readonly problems: readonly string[];
}

function planMergePatch(body: string): Plan {
  const { value, duplicates } = decodePatch(body);
  if (!isObject(value)) {
    const type = 'map[string]interface {}';
    throw badRequest(
      `error decoding patch: json: cannot unmarshal ${goType(value)} into Go value of type ${type}`,
    );
  }
  return { run: (current) => mergePatch(current, value), problems: duplicates };
}

function planJsonPatch(body: string): Plan {
  // An operation has five values.
  const { value } = decodePatch(body, 6 * MAX_OPERATIONS);
  const { operations, problems } = parseJsonPatch(value);
  return { run: (current) => jsonPatch(current, operations), problems };
}

function decodePatch(body: string, maxValues?: number): Decoded {
  try {
    return decodeJson(body, maxValues);
  } catch (error) {
    if (error instanceof TextError) throw badRequest(`error decoding patch: ${error.message}`);
    throw error;
  }
}

function noKind(patched: Json): StatusError {
  return invalidPatch(
    patched,
    `Object 'Kind' is missing in '${shortened(String(JSON.stringify(patched)))}'`,
  );
}

function invalidPatch(patched: Json, why: string): StatusError {
  const text = JSON.stringify(sortKeys(patched));
  return invalid({ group: '', word: '' }, '', [invalidValue('patch', text, why)]);
}
