import { isScalar, LineCounter, parseDocument, type Tags } from 'yaml';
import type { Json } from '../json.ts';
import { MAX_DEPTH, scanJson } from './scan.ts';

/** What a body says, before anybody asks whether it is the right thing. */
export interface Decoded {
  readonly value: Json;
  /** Keys that come twice, as strict decoding names them. */
  readonly duplicates: readonly string[];
}

/** The text is no JSON or YAML, or not such as is taken here. */
export class TextError extends Error {}

/** Reads JSON. Throws `TextError`. */
export function decodeJson(text: string): Decoded {
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch (error) {
    throw new TextError(jsonProblem(text, error));
  }
  const { duplicates, ...scan } = scanJson(text);
  check(scan);
  return { value, duplicates: duplicates.map((path) => `duplicate field "${path}"`) };
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

/** Kubernetes reads YAML 1.1 without its times and base 60 (sigs.k8s.io/yaml): `on` is true, `12:30` is text. */
const withoutTimes = (tags: Tags): Tags =>
  tags.filter(
    (tag) => typeof tag === 'string' || (!tag.tag.endsWith(':timestamp') && tag.format !== 'TIME'),
  );

/** Reads the first document of a YAML text. Throws `TextError`. */
export function decodeYaml(text: string): Decoded {
  return decodePlainJson(text) ?? parseYaml(text);
}

/** JSON is YAML, and what programs send: it is read faster. Undefined when there is anything to say about it. */
function decodePlainJson(text: string): Decoded | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    const decoded = decodeJson(text);
    return decoded.duplicates.length === 0 ? decoded : undefined;
  } catch {
    return undefined;
  }
}

function parseYaml(text: string): Decoded {
  const lines = new LineCounter();
  const duplicates: string[] = [];
  try {
    const document = parseDocument(text, {
      version: '1.1',
      customTags: withoutTimes,
      lineCounter: lines,
      logLevel: 'silent',
      uniqueKeys: (a, b) => {
        const isSame = isScalar(a) && isScalar(b) && a.value === b.value;
        const { line } = lines.linePos(b.range[0]);
        const key = isScalar(b) ? JSON.stringify(String(b.value)) : '';
        if (isSame) duplicates.push(`line ${line}: key ${key} already set in map`);
        return false;
      },
    });
    const wrong = document.errors.find(({ code }) => code !== 'MULTIPLE_DOCS');
    if (wrong !== undefined) {
      throw new TextError(`yaml: ${wrong.message.split('\n')[0]?.replace(/:$/, '')}`);
    }
    const json = JSON.stringify(document.toJS({ maxAliasCount: 100 }) ?? null);
    check(scanJson(json));
    return { value: JSON.parse(json) as Json, duplicates };
  } catch (error) {
    if (error instanceof TextError) throw error;
    // Nested too deep for the library, or an alias bomb: it tells with a RangeError or a ReferenceError.
    throw new TextError(`yaml: ${error instanceof Error ? error.message : String(error)}`);
  }
}
