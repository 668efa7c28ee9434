import {
  JsonPathError,
  type Node,
  OPERATORS,
  type Operator,
  type Part,
  type Path,
} from './nodes.ts';
import { Reader } from './reader.ts';

/** Longer templates are no templates. */
const MAX_LENGTH = 10_000;

type Action =
  | { readonly kind: 'path'; readonly path: Path }
  | { readonly kind: 'range'; readonly path: Path }
  | { readonly kind: 'end' };

/**
 * Reads a template of kubectl's JSONPath (https://kubernetes.io/docs/reference/kubectl/jsonpath/): text with paths in
 * braces, and `{range}` to `{end}`. Throws a `JsonPathError` with kubectl's words.
 */
export function parseTemplate(template: string): readonly Part[] {
  if (template.length > MAX_LENGTH) {
    throw new JsonPathError(`a template may have ${MAX_LENGTH} characters`);
  }
  const reader = new Reader(template);
  const parts = partsUntilEnd(reader, 0);
  return parts;
}

function partsUntilEnd(reader: Reader, depth: number): Part[] {
  const parts: Part[] = [];
  while (!reader.isAtEnd) {
    const [text] = reader.take(/[^{]+/y) ?? [];
    if (text !== undefined) parts.push({ kind: 'text', text });
    if (reader.take(/\{/y) === undefined) continue;
    const action = parseAction(reader.takeUntil('}', 'unclosed action'));
    if (action.kind === 'path') parts.push(action);
    else if (action.kind === 'range')
      parts.push({ ...action, body: partsUntilEnd(reader, depth + 1) });
    else if (depth === 0) throw new JsonPathError('not in range, nothing to end');
    else return parts;
  }
  return parts;
}

function parseAction(text: string): Action {
  const [, word, rest = ''] = /^\s*(range|end)\b(.*)$/s.exec(text) ?? [];
  if (word === 'end') return { kind: 'end' };
  if (word === 'range') return { kind: 'range', path: parsePath(rest) };
  return { kind: 'path', path: parsePath(text) };
}

function parsePath(text: string): Path {
  const reader = new Reader(text);
  const path: Node[] = [];
  while (!reader.isAtEnd) {
    // The filter's condition is the value itself.
    if (reader.take(/[ \t@$]+/y) !== undefined) continue;
    path.push(...parseStep(reader));
  }
  return path;
}

const NAME = String.raw`((?:\\.|[^\s.,[\]$@{}\\])*)`;
const FIELD = new RegExp(String.raw`\.${NAME}`, 'y');
const RECURSIVE = new RegExp(String.raw`\.\.${NAME}`, 'y');

function parseStep(reader: Reader): Node[] {
  const [, below] = reader.take(RECURSIVE) ?? [];
  if (below !== undefined) {
    return [{ kind: 'recursive' }, ...(below === '' ? [] : [field(below)])];
  }
  const [, name] = reader.take(FIELD) ?? [];
  if (name !== undefined) return [field(name)];
  if (reader.take(/\[\?\(/y) !== undefined) {
    return [parseFilter(reader.takeUntil('\\)\\]', 'unterminated filter'))];
  }
  if (reader.take(/\[/y) !== undefined)
    return parseArray(reader.takeUntil('\\]', 'unterminated array'));
  return [{ kind: 'literal', value: parseLiteral(reader) }];
}

function parseLiteral(reader: Reader): string | number | boolean {
  const [, double] = reader.take(/"((?:\\.|[^"\\])*)"/suy) ?? [];
  if (double !== undefined) return unescaped(double);
  const [, single] = reader.take(/'((?:\\.|[^'\\])*)'/suy) ?? [];
  if (single !== undefined) return unescaped(single);
  if (reader.take(/["']/y) !== undefined) throw new JsonPathError('unterminated quoted string');
  const [number] = reader.take(/[+-]?[\d.]+/y) ?? [];
  if (number !== undefined) {
    if (Number.isFinite(Number(number))) return Number(number);
    throw new JsonPathError(`cannot parse number ${number}`);
  }
  const [word] = reader.take(/[\p{L}\p{N}_][^\s.,[\]$@{}]*/uy) ?? [];
  if (word === 'true' || word === 'false') return word === 'true';
  if (word !== undefined) throw new JsonPathError(`unrecognized identifier ${word}`);
  throw new JsonPathError(`unrecognized character in action: ${reader.described}`);
}

function field(text: string): Node {
  if (text === '*') return { kind: 'wildcard' };
  return { kind: 'field', name: text.replaceAll(/\\(.)/g, '$1') };
}

function parseArray(text: string): Node[] {
  const paths = text.split(',');
  if (paths.length > 1) {
    return [{ kind: 'union', paths: paths.map((each) => parseArray(each.trim())) }];
  }
  const [, name] = /^'([^']*)'$/.exec(text) ?? [];
  if (name !== undefined) return [...parsePath(`.${name}`)];
  if (text === '*') return parseArray(':');
  const [all, from, to, step] = /^(-?\d*)(?::(-?\d*))?(?::(-?\d*))?$/.exec(text) ?? [];
  if (all === undefined) throw new JsonPathError(`invalid array index ${text}`);
  const slice = {
    from: numberIn(from),
    to: numberIn(to),
    step: numberIn(step),
    isIndex: to === undefined,
  };
  return [{ kind: 'slice', slice }];
}

function numberIn(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  if (text === '-') throw new JsonPathError(`array index ${text} is not a number`);
  return Number(text);
}

function parseFilter(text: string): Node {
  const [, left = '', operator, right = ''] = /^([^!<>=]+)([!<>=]+)(.+)$/s.exec(text) ?? [];
  if (operator === undefined) {
    return { kind: 'filter', filter: { left: parsePath(text), comparison: undefined } };
  }
  if (!isOperator(operator)) throw new JsonPathError(`unrecognized filter operator ${operator}`);
  const comparison = { operator, right: parsePath(right) };
  return { kind: 'filter', filter: { left: parsePath(left), comparison } };
}

function isOperator(text: string): text is Operator {
  return (OPERATORS as readonly string[]).includes(text);
}

const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  a: '\x07',
  b: '\b',
  f: '\f',
  v: '\v',
};

function unescaped(text: string): string {
  return text.replaceAll(/\\(?:u([\da-fA-F]{4})|x([\da-fA-F]{2})|(.))/gsu, (_, u, x, char) => {
    const code: string | undefined = u ?? x;
    return code === undefined
      ? (ESCAPES[char] ?? char)
      : String.fromCharCode(Number.parseInt(code, 16));
  });
}
