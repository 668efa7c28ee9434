import {
  isObject,
  type Json,
  type JsonObject,
  saysNothing,
  textIn,
  withField,
} from '../../json/json.ts';
import { withoutNulls } from '../../schema/defaults.ts';
import { pruneUnknown } from '../../schema/prune.ts';
import { shortened } from '../../schema/shortened.ts';
import { badRequest, type StatusError, unsupportedMediaType } from '../errors.ts';
import { apiVersionOf, type Kind } from '../kinds/kind.ts';
import type { ApiRequest } from '../request.ts';
import type { FieldValidation } from '../verbs/options.ts';
import { checkValues } from './bounds.ts';
import { builtInProblem } from './builtInTypes.ts';
import { mediaType, TYPES } from './mediaType.ts';
import { goType, metadataTypeProblem } from './metadataTypes.ts';
import { type Decoded, decodeJson, decodeYaml, TextError } from './text.ts';

/** A real API server names it although a CRD's objects are never so encoded. */
const PROTOBUF = 'application/vnd.kubernetes.protobuf';

/** Reads the object in the body of a POST or a PUT, without the fields that the server does not know. */
export function decodeObject(
  { body, contentType, warn }: ApiRequest,
  kind: Kind,
  validation: FieldValidation,
): JsonObject {
  const decoded = decodeBody(body, contentType, kind);
  const object = withKind(decoded.value, body, kind);
  const { accepted, problems } = acceptFields(object, decoded.duplicates, kind, (why) =>
    notHandled(kind, why),
  );
  if (validation === 'Strict' && problems.length > 0) {
    throw notHandled(kind, `strict decoding error: ${strictText(problems)}`);
  }
  if (validation === 'Warn') problems.forEach(warn);
  return accepted;
}

/**
 * The object without unknown fields, and what strict decoding says. Throws what `unreadable` makes of it when the
 * metadata, or anything of a built-in kind, has the wrong type.
 */
export function acceptFields(
  object: JsonObject,
  duplicates: readonly string[],
  kind: Kind,
  unreadable: (why: string) => StatusError,
): { accepted: JsonObject; problems: readonly string[] } {
  checkValues(object);
  const wrong = metadataTypeProblem(object.metadata ?? null);
  if (wrong !== undefined) throw unreadable(wrong);
  const { value, unknown } = pruneUnknown(kind.schema, withoutEmptyMetadata(object));
  const mistyped = kind.isBuiltIn ? builtInProblem(kind.schema, value) : undefined;
  if (mistyped !== undefined) throw unreadable(mistyped);
  const problems = [...unknown].sort().map((path) => `unknown field "${path}"`);
  const accepted = withoutNulls(kind.schema, value) as JsonObject;
  return { accepted, problems: [...duplicates, ...problems] };
}

/** Metadata that says nothing is left out, as Go leaves it out of its structs. */
export function withoutEmptyMetadata(object: JsonObject): JsonObject {
  if (!isObject(object.metadata)) return withField(object, 'metadata', {});
  const said = Object.entries(object.metadata).filter(([, value]) => !saysNothing(value));
  const texts = said.map(([name, value]): [string, Json] =>
    name === 'labels' || name === 'annotations' ? [name, withTexts(value)] : [name, value],
  );
  return { ...object, metadata: Object.fromEntries(texts) };
}

/** null as a text of Go is an empty one. */
function withTexts(map: Json): Json {
  if (!isObject(map)) return map;
  return Object.fromEntries(Object.entries(map).map(([name, text]) => [name, text ?? '']));
}

/** Duplicates of a YAML text come with a heading of their own. */
function strictText(problems: readonly string[]): string {
  return problems
    .map((problem) =>
      /^line \d/.test(problem) ? `yaml: unmarshal errors:\n  ${problem}` : problem,
    )
    .join(', ');
}

function notHandled({ kind, version }: Kind, why: string): StatusError {
  return badRequest(`${kind} in version "${version}" cannot be handled as a ${kind}: ${why}`);
}

function decodeBody(body: string, contentType: string, kind: Kind): Decoded {
  const type = mediaType(contentType);
  try {
    if (type === 'application/yaml') return decodeYaml(body);
    // A body without a type is JSON, as for a real server.
    if (type === 'application/json' || type === '') return decodeJson(body);
  } catch (error) {
    if (!(error instanceof TextError)) throw error;
    const why = type === 'application/yaml' ? '' : "couldn't get version/kind; json parse error: ";
    throw unrecognised(kind, `${why}${error.message}`, body);
  }
  throw unsupportedMediaType(kind.isBuiltIn ? TYPES : [...TYPES, PROTOBUF]);
}

const VERSION_AND_KIND =
  'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }';

/**
 * The object with its kind and version. Typed clients send neither, and a real API server takes those of the path: for
 * its own kinds, and not for those of a CRD.
 */
function withKind(value: Json, body: string, kind: Kind): JsonObject {
  if (value !== null && !isObject(value)) {
    const why = `json: cannot unmarshal ${goType(value)} into Go value of type ${VERSION_AND_KIND}`;
    throw unrecognised(kind, `couldn't get version/kind; json parse error: ${why}`, body);
  }
  const object = kind.isBuiltIn ? withDefaultKind(value ?? {}, kind) : value;
  if (textIn(object, 'kind') === '') {
    const told = shortened(JSON.stringify(value));
    throw unrecognised(kind, `Object 'Kind' is missing in '${told}'`, body);
  }
  if (kind.isBuiltIn && textIn(object, 'kind') !== kind.kind) {
    throw notHandled(kind, `its kind is ${JSON.stringify(textIn(object, 'kind'))}`);
  }
  const given = textIn(object, 'apiVersion');
  const expected = apiVersionOf(kind);
  if (given !== expected) {
    throw badRequest(
      `the API version in the data (${given}) does not match the expected API version (${expected})`,
    );
  }
  return object as JsonObject;
}

function withDefaultKind(object: JsonObject, kind: Kind): JsonObject {
  return {
    ...object,
    apiVersion: textIn(object, 'apiVersion') || apiVersionOf(kind),
    kind: textIn(object, 'kind') || kind.kind,
  };
}

function unrecognised({ kind }: Kind, why: string, body: string): StatusError {
  return badRequest(
    `the object provided is unrecognized (must be of type ${kind}): ${why} (${summary(body)})`,
  );
}

/** The beginning of a body: as it is when it looks like an object, else in hex. */
function summary(body: string): string {
  const bytes = Buffer.from(body);
  if (bytes.length === 0) return '<empty>';
  const start = bytes.subarray(0, 30);
  const text = body.startsWith('{') ? start.toString() : start.toString('hex');
  return bytes.length > 30 ? `${text} ...` : text;
}
