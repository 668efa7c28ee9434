import type { Json } from '../json/json.ts';
import { writeYaml } from '../yaml/write.ts';
import { countValues, MAX_VALUES } from './decode/bounds.ts';
import type { StatusError } from './errors.ts';
import { parseAccept } from './output/negotiate.ts';
import type { Watch, WatchEvent } from './verbs/watch.ts';

/** What goes back to a client. */
export interface Answer {
  readonly code: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly warnings?: readonly string[];
  /** The whole body, or a watch that writes it line by line. */
  readonly body: string | Buffer | WatchBody;
}

export interface WatchBody {
  readonly watch: Watch;
  /** One event as a line. */
  readonly line: (event: WatchEvent) => string;
}

export function textAnswer(code: number, text: string): Answer {
  return { code, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: text };
}

export function pageNotFound(): Answer {
  return textAnswer(404, '404 page not found\n');
}

export function jsonAnswer(code: number, value: Json, format: 'json' | 'yaml' = 'json'): Answer {
  const headers = { 'content-type': `application/${format}` };
  return { code, headers, body: format === 'json' ? JSON.stringify(value) : yamlOf(value) };
}

/** To write YAML takes long. JSON is YAML, too: what is large comes as that. */
function yamlOf(value: Json): string {
  return countValues(value, MAX_VALUES) > MAX_VALUES
    ? JSON.stringify(value)
    : writeYaml(value, { sortMapEntries: true });
}

/** An error as a Status, in YAML for a client that asks for it. */
export function errorAnswer(error: StatusError, accept: string): Answer {
  const [first] = parseAccept(accept);
  const format = first?.type === 'application/yaml' ? 'yaml' : 'json';
  const answer = jsonAnswer(error.code, error.toStatus(), format);
  const seconds = error.details?.retryAfterSeconds;
  if (seconds === undefined) return answer;
  return { ...answer, headers: { ...answer.headers, 'retry-after': String(seconds) } };
}
