import { specTransitions } from '../api/spec.ts';
import { tcpGate } from '../api/tcpgate.ts';
import { isObject, type Json, type JsonObject, objectIn } from '../json/json.ts';
import { brokenRule, type FieldError, invalidValue } from '../schema/fieldError.ts';

/** Sound specs, with the names of their gates: each stays as it is when a status is written, which is often. */
const soundSpecs = new WeakMap<object, Json>();

/**
 * The rules over several fields that do not hold: what CEL checks in a cluster, the zod schema checks here.
 *
 * @param isSound the structural schema found nothing wrong: then zod, from which it is made, must not either
 * @param before the gate that this one replaces; undefined: it is a new one
 */
export function brokenRules(gate: JsonObject, isSound: boolean, before?: JsonObject): FieldError[] {
  // The same length of path sorts as it came: the definition has rules about changes after the others.
  return [...brokenNow(gate, isSound), ...brokenChanges(gate.spec, before?.spec)]
    .sort((a, b) => a.depth - b.depth)
    .map(({ error }) => error);
}

interface Broken {
  readonly depth: number;
  readonly error: FieldError;
}

function brokenNow(gate: JsonObject, isSound: boolean): Broken[] {
  const { spec } = gate;
  const metadata = named(gate);
  if (isSound && isObject(spec) && soundSpecs.get(spec) === metadata.name) return [];
  const parsed = tcpGate.safeParse({ ...gate, metadata });
  if (parsed.success) {
    if (isObject(spec)) soundSpecs.set(spec, metadata.name);
    return [];
  }
  return parsed.error.issues
    .filter(({ code }) => isSound || code === 'custom')
    .map(({ code, path, message }) => {
      const field = fieldText(path);
      const error =
        code === 'custom'
          ? brokenRule(field, typeName(at(gate, path)), message)
          : invalidValue(field, null, message);
      return { depth: path.length, error };
    });
}

function brokenChanges(spec: Json | undefined, before: Json | undefined): Broken[] {
  if (!isObject(spec) || !isObject(before) || spec === before) return [];
  return specTransitions
    .filter(({ holds }) => !holds(spec, before))
    .map(({ message }) => ({ depth: 1, error: brokenRule('spec', 'object', message) }));
}

function at(object: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, part) => (value as Record<PropertyKey, unknown>)?.[part],
    object,
  );
}

/** As a schema calls it. */
function typeName(value: unknown): string {
  return Array.isArray(value) ? 'array' : typeof value;
}

/** The rules see a stored object's metadata; of a new one's, they need no more than the name. */
function named(gate: JsonObject) {
  const { name = '', namespace = '' } = objectIn(gate, 'metadata');
  return { name, namespace, uid: '', generation: 1, resourceVersion: '' };
}

function fieldText(path: readonly PropertyKey[]): string {
  return path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '');
}
