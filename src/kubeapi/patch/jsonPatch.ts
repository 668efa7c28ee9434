import { applyPatch, type Operation, Pointer } from 'rfc6902';
import { isObject, type Json, type JsonObject, textIn } from '../../json/json.ts';
import { countValues, MAX_VALUES } from '../decode/bounds.ts';
import { goType } from '../decode/metadataTypes.ts';
import { badRequest, StatusError, tooLarge } from '../errors.ts';

/** k8s.io/apiserver, maxJSONPatchOperations. */
export const MAX_OPERATIONS = 10_000;

/** All that is copied by one patch, in bytes (k8s.io/apiserver, JSONPatchMaxCopyBytes). */
const MAX_COPIED = 3 * 1024 * 1024;

/** The same in values, as they are what takes time here. */
const MAX_COPIED_VALUES = 10 * MAX_VALUES;

/** Items of lists that all operations together move by a place. */
const MAX_MOVED_ITEMS = 20_000_000;

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
  const work = new Work();
  for (const operation of operations) {
    if (!isSafe(operation)) throw rejected();
    work.add(document, operation);
    if (work.isTooMuch || failure(document, operation) !== undefined) throw rejected();
  }
  return document.root;
}

/** What a patch may cost. */
class Work {
  #copiedBytes = 0;
  #copiedValues = 0;
  #movedItems = 0;

  get isTooMuch(): boolean {
    return (
      this.#copiedBytes > MAX_COPIED ||
      this.#copiedValues > MAX_COPIED_VALUES ||
      this.#movedItems > MAX_MOVED_ITEMS
    );
  }

  add(document: object, { op, path, from }: JsonObject): void {
    if (op === 'copy') this.#copy(endOf(document, from).value);
    if (op === 'test' || op === 'replace' || op === 'copy') return;
    // An item that comes or goes moves all that are behind it.
    for (const pointer of [path, from]) {
      const { parent } = endOf(document, pointer);
      if (Array.isArray(parent)) this.#movedItems += parent.length;
    }
  }

  #copy(value: Json | undefined): void {
    if (value === undefined) return;
    const left = MAX_COPIED_VALUES - this.#copiedValues;
    this.#copiedValues += countValues(value, left);
    // What has too many values is not worth a look at its size.
    if (!this.isTooMuch) this.#copiedBytes += Buffer.byteLength(JSON.stringify(value));
  }
}

/** What a path leads to; nothing if it leads nowhere. */
function endOf(document: object, path: Json | undefined): { parent?: unknown; value?: Json } {
  return typeof path === 'string' ? Pointer.fromJSON(`/root${path}`).evaluate(document) : {};
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
