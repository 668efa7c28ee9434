import { isObject, type Json } from '../json/json.ts';

type Step = (value: Json) => Json | undefined;

const STEP = /\.([A-Za-z_][\w-]*)|\[\?\(@\.([A-Za-z_][\w-]*)\s*==\s*"([^"]*)"\)\]/y;

/**
 * Reads the simple JSONPath of a printer column: fields, and items chosen by a field's text, as in
 * `.status.conditions[?(@.type=="Ready")].status`. Throws when there is anything else in it.
 */
export function compileColumnPath(path: string): (value: Json) => Json | undefined {
  const steps: Step[] = [];
  STEP.lastIndex = 0;
  while (STEP.lastIndex < path.length) {
    const at = STEP.lastIndex;
    const match = STEP.exec(path);
    if (match === null) throw new TypeError(`Not understood: "${path.slice(at)}" of "${path}"`);
    const [, field, key = '', wanted] = match;
    steps.push(field === undefined ? itemWith(key, wanted ?? '') : memberNamed(field));
  }
  return (value) => {
    let found: Json | undefined = value;
    for (const step of steps) {
      if (found === undefined) return undefined;
      found = step(found);
    }
    return found;
  };
}

function memberNamed(name: string): Step {
  return (value) => (isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined);
}

function itemWith(key: string, wanted: string): Step {
  return (value) =>
    Array.isArray(value)
      ? (value as Json[]).find((item) => isObject(item) && item[key] === wanted)
      : undefined;
}
