import { isObject, type Json, objectIn } from '../../json/json.ts';
import type { KubeObject } from '../../kube/objects.ts';
import { JsonPath, JsonPathError } from '../jsonPath/jsonPath.ts';
import { UsageError } from './usageError.ts';

/** What `--for` waits for: something that is true of a gate, or its deletion or creation. */
export type Awaited = 'delete' | 'create' | ((gate: KubeObject | undefined) => boolean);

/** Reads `condition=NAME[=STATUS]`, `jsonpath={PATH}[=VALUE]`, `create` or `delete`. Throws a `UsageError`. */
export function awaited(text: string): Awaited {
  const word = text.toLowerCase();
  if (word === 'delete' || word === 'create') return word;
  const [, how, what = ''] = /^(condition|jsonpath)=(.*)$/s.exec(text) ?? [];
  if (how === 'condition') {
    const [type = '', ...status] = what.split('=');
    return conditionIs(type, status.length === 0 ? 'true' : status.join('='));
  }
  if (how === 'jsonpath') return fieldIs(what);
  throw new UsageError(`unrecognized condition: "${text}"`);
}

function conditionIs(type: string, status: string) {
  return (gate: KubeObject | undefined): boolean => {
    const { conditions, observedGeneration } = objectIn(gate, 'status');
    const found = (Array.isArray(conditions) ? conditions : []).find(
      (condition) => isObject(condition) && same(condition.type, type),
    );
    if (!isObject(found)) return false;
    // A condition of an older generation says nothing about this one.
    const observed = found.observedGeneration ?? observedGeneration;
    if (typeof observed === 'number' && observed < (gate?.metadata.generation ?? 0)) return false;
    return same(found.status, status);
  };
}

function fieldIs(input: string) {
  // A doubled = belongs to the path.
  const parts = input.split(/(?<!=)=(?!=)/);
  const [path = '', value] = parts;
  if (parts.length > 2) {
    throw new UsageError(
      "jsonpath wait format must be --for=jsonpath='{.status.readyReplicas}'=3 or --for=jsonpath='{.status.readyReplicas}'",
    );
  }
  const wanted = value?.replace(/^['"]+|['"]+$/g, '').trim();
  const template = relaxed(path);
  if (wanted === '') {
    throw new UsageError(
      "jsonpath wait has to have a value after equal sign, like --for=jsonpath='{.status.readyReplicas}'=3",
    );
  }
  const compiled = jsonPath(template);
  return (gate: KubeObject | undefined): boolean => {
    if (gate === undefined) return false;
    const found = oneOf(compiled, gate as unknown as Json);
    if (found === undefined || wanted === undefined) return found !== undefined;
    if (typeof found === 'object' && found !== null) {
      throw new UsageError('jsonpath leads to a nested object or list which is not supported');
    }
    return String(found).trim() === wanted;
  };
}

function jsonPath(template: string): JsonPath {
  try {
    return new JsonPath(template);
  } catch (error) {
    throw error instanceof JsonPathError ? new UsageError(error.message) : error;
  }
}

/** The one value that the path leads to, if there is one. */
function oneOf(path: JsonPath, value: Json): Json | undefined {
  const [values = [], ...more] = found(path, value);
  if (values.length === 0) return undefined;
  if (more.length > 0) {
    throw new UsageError('given jsonpath expression matches more than one list');
  }
  if (values.length > 1) {
    throw new UsageError('given jsonpath expression matches more than one value');
  }
  return values[0];
}

function found(path: JsonPath, value: Json) {
  try {
    return path.find(value);
  } catch (error) {
    throw error instanceof JsonPathError ? new UsageError(error.message) : error;
  }
}

/** kubectl takes a path with and without braces and dot. */
function relaxed(path: string): string {
  if (path === '') return '';
  const [, inBraces, bare = inBraces] = /^\{\.?([^{}]+)\}$|^\.?([^{}]+)$/s.exec(path) ?? [];
  if (bare !== undefined) return `{.${bare}}`;
  throw new UsageError(
    "unexpected path string, expected a 'name1.name2' or '.name1.name2' or '{name1.name2}' or '{.name1.name2}'",
  );
}

function same(found: Json | undefined, wanted: string): boolean {
  return typeof found === 'string' && found.toLowerCase() === wanted.toLowerCase();
}
