import { applyPatch, type Operation } from 'rfc6902';
import { goType } from '../decode/metadataTypes.ts';
import { badRequest, StatusError, tooLarge } from '../errors.ts';
import { isObject, type Json, type JsonObject, textIn } from '../json.ts';

/** k8s.io/apiserver, maxJSONPatchOperations. */
const MAX_OPERATIONS = 10_000;

const KNOWN = ['op', 'path', 'from', 'value'];

/** Checks the form of a JSON patch (RFC 6902). Throws a 400, or a 413 when it is too long. */
export function parseJsonPatch(value: Json): { operations: JsonObject[]; problems: string[] } {
  if (!Array.isArray(value)) throw notDecoded(value, '[]handlers.jsonPatchOp');
  if (value.length > MAX_OPERATIONS) {
    throw tooLarge(
      `Request entity too large: The allowed maximum operations in a JSON patch is ${MAX_OPERATIONS}, got ${value.length}`,
    );
  }
  const operations = (value as Json[]).map((operation) => {
    if (!isObject(operation)) throw notDecoded(operation, 'handlers.jsonPatchOp');
    return operation;
  });
  const problems = operations.flatMap((operation, index) =>
    Object.keys(operation)
      .filter((field) => !KNOWN.includes(field))
      .map((field) => `json patch unknown field "[${index}].${field}"`),
  );
  return { operations, problems };
}

function notDecoded(value: Json, type: string): StatusError {
  return badRequest(
    `error decoding patch: json: cannot unmarshal ${goType(value)} into Go value of type ${type}`,
  );
}

/** Applies a JSON patch to a copy. Throws a 422, as a real API server does without a word of why. */
export function jsonPatch(target: JsonObject, operations: readonly JsonObject[]): Json {
  const document = { root: structuredClone(target) as Json };
  for (const operation of operations) {
    if (!isSafe(operation) || failure(document, operation) !== undefined) throw rejected();
  }
  return document.root;
}

/** The library takes no path to the whole document, so the document is put one level down. */
function failure(document: object, operation: JsonObject): unknown {
  const moved = {
    ...operation,
    path: `/root${textIn(operation, 'path')}`,
    ...(operation.from === undefined ? {} : { from: `/root${textIn(operation, 'from')}` }),
  };
  try {
    const [error] = applyPatch(document, [moved as unknown as Operation]);
    return error ?? undefined;
  } catch (error) {
    // A member of a number, for instance: the library does not look before it writes.
    return error;
  }
}

/** Paths begin with a slash and lead through nothing that every object has, such as `__proto__`. */
function isSafe({ path, from = '' }: JsonObject): boolean {
  return [path, from].every(
    (pointer) =>
      typeof pointer === 'string' &&
      (pointer === '' || pointer.startsWith('/')) &&
      pointer.split('/').every((token) => !(token in Object.prototype)),
  );
}

function rejected(): StatusError {
  return new StatusError(
    422,
    'Invalid',
    'the server rejected our request due to an error in our request',
    {},
  );
}
