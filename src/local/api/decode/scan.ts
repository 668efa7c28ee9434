/** JSON nested deeper is refused, as walking it would end the stack; a real API server stops at 10,000. */
export const MAX_DEPTH = 500;

export interface Scan {
  /** Paths of keys that an object has twice, such as `spec.seed`. */
  readonly duplicates: readonly string[];
  readonly depth: number;
  readonly hasForbiddenKey: boolean;
}

interface Level {
  /** undefined in a list. */
  readonly keys: Set<string> | undefined;
  readonly path: string;
  index: number;
  key: string;
}

/** Finds in valid JSON what `JSON.parse` does not tell: keys that come twice, and how deep it nests. */
export function scanJson(text: string): Scan {
  const scanner = new Scanner();
  for (const token of tokens(text)) {
    scanner.meet(token);
    if (scanner.depth > MAX_DEPTH) break;
  }
  return scanner;
}

class Scanner implements Scan {
  readonly duplicates: string[] = [];
  depth = 0;
  hasForbiddenKey = false;
  readonly #levels: Level[] = [];
  #lastString = '';

  meet(token: string): void {
    const level = this.#levels.at(-1);
    if (token === '{' || token === '[') this.#enter(token === '{', level);
    else if (token === '}' || token === ']') this.#levels.pop();
    else if (token === ',') this.#count(level);
    else if (token === ':') this.#meetKey(level);
    else this.#lastString = token;
  }

  #enter(isObject: boolean, level: Level | undefined): void {
    const keys = isObject ? new Set<string>() : undefined;
    this.#levels.push({ keys, path: placeIn(level), index: 0, key: '' });
    this.depth = Math.max(this.depth, this.#levels.length);
  }

  #count(level: Level | undefined): void {
    if (level !== undefined) level.index += 1;
  }

  #meetKey(level: Level | undefined): void {
    if (level?.keys === undefined) return;
    level.key = JSON.parse(this.#lastString) as string;
    if (level.keys.has(level.key)) this.duplicates.push(placeIn(level));
    level.keys.add(level.key);
    // Set as a property it would change what the object is.
    if (level.key === '__proto__') this.hasForbiddenKey = true;
  }
}

function placeIn(level: Level | undefined): string {
  if (level === undefined) return '';
  if (level.keys === undefined) return `${level.path}[${level.index}]`;
  return level.path === '' ? level.key : `${level.path}.${level.key}`;
}

/** Strings, and the characters that nest and separate. */
function* tokens(text: string): Generator<string> {
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at] ?? '';
    if (character === '"') {
      const end = endOfString(text, at);
      yield text.slice(at, end + 1);
      at = end;
    } else if ('{}[]:,'.includes(character)) yield character;
  }
}

function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let backslashes = 0;
    while (text[end - 1 - backslashes] === '\\') backslashes += 1;
    if (backslashes % 2 === 0) return end;
  }
  return text.length;
}
