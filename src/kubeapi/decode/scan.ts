/** JSON nested deeper is refused, as walking it would end the stack; a real API server stops at 10,000. */
export const MAX_DEPTH = 500;

/** Maximum number of reported duplicate keys; of more, the first ones are reported (sigs.k8s.io/json, saveStrictError). */
const MAX_DUPLICATES = 100;

export interface Scan {
  /** Paths of keys that an object has twice, such as `spec.seed`, each of them once. */
  readonly duplicates: ReadonlySet<string>;
  readonly depth: number;
  /** Objects, lists, and what is in them; as far as the scan came. */
  readonly values: number;
  readonly hasForbiddenKey: boolean;
}

interface Level {
  /** undefined in a list. */
  readonly keys: Set<string> | undefined;
  index: number;
  key: string;
}

const [QUOTE, COMMA, COLON, BACKSLASH] = [0x22, 0x2c, 0x3a, 0x5c];
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];

/**
 * Finds in JSON what `JSON.parse` does not tell: keys that come twice, how deep it nests, and how much there is. Of a text
 * that is no JSON it says anything. It ends where the text has more values or is deeper than may be.
 */
export function scanJson(text: string, maxValues = Infinity): Scan {
  const scanner = new Scanner();
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      const end = endOfString(text, at);
      scanner.meetString(text, at, end);
      at = end;
    } else scanner.meet(code);
    if (scanner.depth > MAX_DEPTH || scanner.values > maxValues) break;
  }
  return scanner;
}

class Scanner implements Scan {
  readonly duplicates = new Set<string>();
  depth = 0;
  values = 0;
  hasForbiddenKey = false;
  readonly #levels: Level[] = [];
  #lastString = '""';

  meetString(text: string, start: number, end: number): void {
    // Only keys are looked at, and they stand in objects.
    if (this.#levels.at(-1)?.keys !== undefined) this.#lastString = text.slice(start, end + 1);
  }

  meet(code: number): void {
    if (code === OPEN_OBJECT || code === OPEN_LIST) this.#enter(code === OPEN_OBJECT);
    else if (code === CLOSE_OBJECT || code === CLOSE_LIST) this.#levels.pop();
    else if (code === COMMA) this.#next();
    else if (code === COLON) this.#meetKey();
  }

  #enter(isObject: boolean): void {
    this.#levels.push({ keys: isObject ? new Set() : undefined, index: 0, key: '' });
    this.depth = Math.max(this.depth, this.#levels.length);
    this.values += 1;
  }

  #next(): void {
    const level = this.#levels.at(-1);
    if (level !== undefined) level.index += 1;
    this.values += 1;
  }

  #meetKey(): void {
    const level = this.#levels.at(-1);
    if (level?.keys === undefined) return;
    level.key = keyIn(this.#lastString);
    if (level.keys.has(level.key) && this.duplicates.size < MAX_DUPLICATES) {
      this.duplicates.add(this.#path());
    }
    level.keys.add(level.key);
    // Set as a property it would change what the object is.
    if (level.key === '__proto__') this.hasForbiddenKey = true;
  }

  #path(): string {
    return this.#levels
      .map(({ keys, index, key }) => (keys === undefined ? `[${index}]` : `.${key}`))
      .join('')
      .replace(/^\./, '');
  }
}

function keyIn(string: string): string {
  if (!string.includes('\\')) return string.slice(1, -1);
  try {
    return JSON.parse(string) as string;
  } catch {
    return string;
  }
}

function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let backslashes = 0;
    while (text.charCodeAt(end - 1 - backslashes) === BACKSLASH) backslashes += 1;
    if (backslashes % 2 === 0) return end;
  }
  return text.length;
}
