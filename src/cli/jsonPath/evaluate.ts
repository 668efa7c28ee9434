import { isObject, type Json } from '../../json/json.ts';
import {
  type Filter,
  JsonPathError,
  type Node,
  type Operator,
  type Part,
  type Path,
  type Slice,
} from './nodes.ts';

/** Values of one part of a template; text is one value. */
export type Found = readonly Json[];

/** What each part of a template leads to. Throws a `JsonPathError` with kubectl's words. */
export function evaluate(parts: readonly Part[], value: Json): Found[] {
  return parts.flatMap((part): Found[] => {
    if (part.kind === 'text') return [[part.text]];
    const found = walk(part.path, value);
    if (part.kind === 'path') return [found];
    return found.flatMap((each) => evaluate(part.body, each));
  });
}

function walk(path: Path, value: Json): readonly Json[] {
  return path.reduce<readonly Json[]>((values, node) => step(node, values), [value]);
}

function step(node: Node, values: readonly Json[]): readonly Json[] {
  switch (node.kind) {
    case 'literal':
      return [node.value];
    case 'field':
      return values.flatMap((value) => fieldOf(value, node.name));
    case 'wildcard':
      return values.flatMap(membersOf);
    case 'recursive':
      return values.flatMap(allBelow);
    case 'union':
      return node.paths.flatMap((path) => values.flatMap((value) => walk(path, value)));
    case 'slice':
      return values.flatMap((value) => (value === null ? [] : sliceOf(listIn(value), node.slice)));
    case 'filter':
      return values.flatMap((value) => listIn(value).filter((each) => passes(node.filter, each)));
  }
}

function fieldOf(value: Json, name: string): readonly Json[] {
  if (!isObject(value) || !Object.hasOwn(value, name)) return [];
  return [value[name] as Json];
}

function membersOf(value: Json): readonly Json[] {
  if (Array.isArray(value)) return value;
  if (!isObject(value)) return [];
  return Object.keys(value)
    .sort()
    .map((name) => value[name] as Json);
}

/** The value itself and all in it that has something in it. */
function allBelow(value: Json): readonly Json[] {
  const members = membersOf(value);
  return members.length === 0 ? [] : [value, ...members.flatMap(allBelow)];
}

function listIn(value: Json): readonly Json[] {
  if (Array.isArray(value)) return value;
  throw new JsonPathError(`${isObject(value) ? 'an object' : typeof value} is not array or slice`);
}

function sliceOf(list: readonly Json[], { from = 0, to, step: every = 1, isIndex }: Slice): Json[] {
  const { length } = list;
  const start = from < 0 ? from + length : from;
  const end = isIndex ? start + 1 : to === undefined ? length : to < 0 ? to + length : to;
  if (start === end) return [];
  for (const index of [start, end - 1]) {
    if (index >= length || index < 0) {
      throw new JsonPathError(`array index out of bounds: index ${index}, length ${length}`);
    }
  }
  if (start > end) {
    throw new JsonPathError(`starting index ${start} is greater than ending index ${end}`);
  }
  if (every <= 0) throw new JsonPathError('step must be > 0');
  return list.slice(start, end).filter((_, index) => index % every === 0);
}

function passes({ left, comparison }: Filter, value: Json): boolean {
  const lefts = walk(left, value);
  if (comparison === undefined) return lefts.length > 0;
  const rights = walk(comparison.right, value);
  if (lefts.length > 1 || rights.length > 1) {
    throw new JsonPathError('can only compare one element at a time');
  }
  const [[a], [b]] = [lefts, rights];
  return a !== undefined && b !== undefined && compared(comparison.operator, a, b);
}

function compared(operator: Operator, a: Json, b: Json): boolean {
  if (typeof a === 'object' || typeof b === 'object') {
    throw new JsonPathError('invalid type for comparison');
  }
  if (typeof a !== typeof b) throw new JsonPathError('incompatible types for comparison');
  switch (operator) {
    case '==':
      return a === b;
    case '!=':
      return a !== b;
    case '<':
      return a < b;
    case '<=':
      return a <= b;
    case '>':
      return a > b;
    case '>=':
      return a >= b;
  }
}
