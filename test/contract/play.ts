import { parse } from 'yaml';
import type { Client, RawAnswer } from './client.ts';
import { Normaliser } from './normalise.ts';
import type { Request, Story } from './request.ts';

/** An answer without what differs between any two servers. */
export interface Answer {
  readonly code: number;
  readonly contentType: string;
  readonly warnings?: readonly string[];
  readonly body: unknown;
}

/** Plays a story in `namespace` and returns the answers by the names of the requests. */
export async function play(
  story: Story,
  client: Client,
  namespace: string,
): Promise<Record<string, Answer>> {
  const normaliser = new Normaliser(namespace);
  const raw = new Map<string, RawAnswer>();
  const answers: Record<string, Answer> = {};
  const fill = (text: string): string =>
    text
      .replaceAll('{ns}', namespace)
      .replace(/\{(rv|uid|continue) ([^}]+)\}/g, (_, what: string, name: string) => {
        const answer = raw.get(name);
        if (answer === undefined) throw new Error(`No request "${name}" comes before`);
        const { metadata } = JSON.parse(answer.body) as { metadata: Record<string, string> };
        return metadata[what === 'rv' ? 'resourceVersion' : what] ?? '';
      });

  for (const request of story.requests) {
    if (raw.has(request.name)) throw new Error(`Two requests are named "${request.name}"`);
    const { path, body, headers } = request;
    const text =
      body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
    const answer = await client
      .send(request.method, fill(path), headers, text === undefined ? undefined : fill(text))
      .catch((cause: unknown) => {
        throw new Error(`No answer to "${request.name}" of "${story.name}"`, { cause });
      });
    raw.set(request.name, answer);
    answers[request.name] = answerOf(request, answer, normaliser);
  }
  return answers;
}

function answerOf({ pick }: Request, raw: RawAnswer, normaliser: Normaliser): Answer {
  const contentType = String(raw.headers['content-type'] ?? '').replace(/;\s*charset=utf-8/i, '');
  const { warning } = raw.headers;
  const warnings = warning === undefined ? [] : String(warning).split(/, (?=299 )/);
  const parsed = parseBody(raw.body, contentType);
  const picked = pick === undefined ? parsed : pick(parsed as never);
  return {
    code: raw.code,
    contentType,
    ...(warnings.length === 0 ? {} : { warnings }),
    body: normaliser.normalise(picked),
  };
}

/** JSON, lines of JSON (a watch), or text. */
function parseBody(body: string, contentType: string): unknown {
  // The index of /openapi/v3 says that it is text.
  if (contentType === 'application/vnd.kubernetes.protobuf') return '<protobuf>';
  if (contentType === 'application/yaml') return parse(body) as unknown;
  if (!contentType.startsWith('application/json') && !body.startsWith('{"')) return body;
  const lines = body.split('\n').filter((line) => line !== '');
  try {
    const values = lines.map((line) => JSON.parse(line) as unknown);
    return values.length === 1 && !body.startsWith('{"type":') ? values[0] : values;
  } catch {
    return JSON.parse(body);
  }
}
