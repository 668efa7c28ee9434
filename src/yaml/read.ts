import { Composer, type Document, Lexer, LineCounter, Parser } from 'yaml';
import { buildValue, type Duplicate } from './value.ts';
import { TOO_DEEP, YamlError } from './yamlError.ts';

/** What a text may ask for. */
export interface YamlBounds {
  /** Tokens of one document, such as keys, values, colons and line ends: a line `key: value` has six. */
  readonly tokens: number;
  /** How deep it may nest. */
  readonly depth: number;
}

/** For what a person wrote and stored: some megabytes of it. */
export const FILE_BOUNDS: YamlBounds = { tokens: 2_000_000, depth: 500 };

/** One document of a text. */
export interface YamlDocument {
  /** What JSON can say; null for a document of comments alone. */
  readonly value: unknown;
  /** Keys that a map has twice: the last one counts. */
  readonly duplicates: readonly Duplicate[];
  /** With the places of all that is in it. */
  readonly document: Document.Parsed;
  readonly lines: LineCounter;
}

/**
 * Reads a text as Kubernetes reads it: YAML 1.1 with the meaning of sigs.k8s.io/yaml, of which JSON is a part. A document
 * that cannot be read is its error, and what comes before and after it is read nevertheless.
 */
export function* readYaml(
  text: string,
  bounds: YamlBounds = FILE_BOUNDS,
): Generator<YamlDocument | YamlError> {
  const lines = new LineCounter();
  const composer = new Composer({
    // Every scalar stays the text that it is: `resolveScalar` says what it means.
    schema: 'failsafe',
    customTags: [],
    // The library compares each key with each other one.
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'silent',
  });
  try {
    const stream = tokens(text, lines, bounds.tokens);
    for (const document of composer.compose(stream, true, text.length)) {
      yield readDocument(document, lines, bounds);
    }
  } catch (error) {
    if (error instanceof YamlError) yield error;
    else if (error instanceof RangeError) yield new YamlError(TOO_DEEP);
    else throw error;
  }
}

/** The first document alone. Throws a `YamlError`. */
export function parseYaml(text: string, bounds?: YamlBounds): YamlDocument {
  const [first] = readYaml(text, bounds);
  if (first === undefined || first instanceof YamlError)
    throw first ?? new YamlError('no document');
  return first;
}

/** @param max of a document, in what the lexer tells apart */
function* tokens(text: string, lines: LineCounter, max: number) {
  const parser = new Parser(lines.addNewLine);
  lines.addNewLine(0);
  let count = 0;
  for (const lexeme of new Lexer().lex(text)) {
    count += 1;
    if (count > max) throw new YamlError(`it has more than ${max} tokens in one document`);
    for (const token of parser.next(lexeme)) {
      if (token.type === 'document') count = 0;
      yield token;
    }
  }
  yield* parser.end();
}

function readDocument(
  document: Document.Parsed,
  lines: LineCounter,
  bounds: YamlBounds,
): YamlDocument | YamlError {
  const at = (position: number) => lines.linePos(position).line;
  const [error] = document.errors;
  if (error !== undefined) {
    const [message = ''] = error.message.split('\n');
    return new YamlError(wordsFor(message), at(error.pos[0]));
  }
  try {
    return { ...buildValue(document, at, bounds.depth), document, lines };
  } catch (problem) {
    if (problem instanceof YamlError) return problem;
    throw problem;
  }
}

/** The library's words, but for the end of its stack, which it hands on. */
function wordsFor(message: string): string {
  return message.startsWith('Maximum call stack') ? TOO_DEEP : message.replace(/:$/, '');
}
