import type { Json } from '../../json/json.ts';
import { parseYaml } from '../../yaml/read.ts';
import { YamlError } from '../../yaml/yamlError.ts';
import { MAX_VALUES, tooManyValues } from './bounds.ts';
import { MAX_DEPTH, scanJson } from './scan.ts';

/** What a body says, before anybody asks whether it is the right thing. */
export interface Decoded {
  readonly value: Json;
  /** Keys that come twice, as strict decoding names them. */
  readonly duplicates: readonly string[];
}

/** The text is no JSON or YAML, or not such as is taken here. */
export class TextError extends Error {}

/** Reads JSON. Throws `TextError`, and a 413 when there is too much in it. */
export function decodeJson(text: string, maxValues = MAX_VALUES): Decoded {
  const { duplicates, values, ...scan } = scanJson(text, maxValues);
  if (values > maxValues) throw tooManyValues(maxValues);
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch (error) {
    throw new TextError(jsonProblem(text, error));
  }
  check(scan);
  return { value, duplicates: [...duplicates].map((path) => `duplicate field "${path}"`) };
}

function check({ depth, hasForbiddenKey }: { depth: number; hasForbiddenKey: boolean }): void {
  if (depth > MAX_DEPTH) throw new TextError(`invalid character '[' exceeded max depth`);
  if (hasForbiddenKey) throw new TextError('no field can be named __proto__');
}

/** V8's complaint in the words of Go's encoding/json where both say the same. */
function jsonProblem(text: string, error: unknown): string {
  const said = error instanceof Error ? error.message : String(error);
  const at = Number(/at position (\d+)/.exec(said)?.[1] ?? 0);
  if (/end of JSON|Unterminated/.test(said) || (at > 0 && at >= text.trimEnd().length)) {
    return 'unexpected end of JSON input';
  }
  if (!said.includes('after JSON')) return said;
  return `invalid character '${text[at]}' after top-level value`;
}

/** Of one body: what can be read within some hundredths of a second. JSON, which is read faster, may have more. */
const YAML_BOUNDS = { tokens: 20_000, depth: MAX_DEPTH };

/** Reads the first document of a YAML text. Throws `TextError`. */
export function decodeYaml(text: string): Decoded {
  return decodePlainJson(text) ?? fromYaml(text);
}

/** JSON is YAML, and what programs send: it is read faster. Undefined when there is anything to say about it. */
function decodePlainJson(text: string): Decoded | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    const decoded = decodeJson(text);
    return decoded.duplicates.length === 0 ? decoded : undefined;
  } catch (error) {
    if (error instanceof TextError) return undefined;
    throw error;
  }
}

function fromYaml(text: string): Decoded {
  try {
    const { value, duplicates } = parseYaml(text, YAML_BOUNDS);
    const told = duplicates.map(
      ({ line, key }) => `line ${line}: key ${JSON.stringify(key)} already set in map`,
    );
    return { value: value as Json, duplicates: told };
  } catch (error) {
    if (error instanceof YamlError) throw new TextError(`yaml: ${error.message}`);
    throw error;
  }
}
