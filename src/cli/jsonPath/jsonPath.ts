import type { Json } from '../../json/json.ts';
import { goJson } from '../goJson.ts';
import { evaluate, type Found } from './evaluate.ts';
import { JsonPathError } from './nodes.ts';
import { parseTemplate } from './parse.ts';

export { JsonPathError };

/** A template of kubectl's JSONPath. */
export class JsonPath {
  readonly #parts;

  /** Throws a `JsonPathError`. */
  constructor(template: string) {
    this.#parts = parseTemplate(template);
  }

  /** What each of its parts leads to; nothing, where a field is missing. Throws a `JsonPathError`. */
  find(value: Json): Found[] {
    return evaluate(this.#parts, value);
  }

  /** As `-o jsonpath` prints it. Throws a `JsonPathError`. */
  text(value: Json): string {
    return this.find(value)
      .map((found) => found.map(textOf).join(' '))
      .join('');
  }

  /** As `-o jsonpath-as-json` prints it. Throws a `JsonPathError`. */
  json(value: Json): string {
    return this.find(value)
      .map((found) => `${goJson(found, 4)}\n`)
      .join('');
  }
}

/** A value as text: what has something in it as JSON. */
function textOf(value: Json): string {
  return typeof value === 'object' && value !== null ? goJson(value) : String(value);
}
