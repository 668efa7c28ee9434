import { JsonPathError } from './nodes.ts';

/** A text that is read from its beginning on. */
export class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  /** What matches at this place, which is then behind; undefined when nothing does. @param pattern sticky */
  take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text) ?? undefined;
    if (found !== undefined) this.#at = pattern.lastIndex;
    return found;
  }

  /** All up to where the end stands outside of quotes, which is then behind. @param end a regular expression */
  takeUntil(end: string, unclosed: string): string {
    const quoted = String.raw`"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'`;
    const [, text] = this.take(new RegExp(`((?:${quoted}|[^"'])*?)${end}`, 'ys')) ?? [];
    if (text === undefined) throw new JsonPathError(unclosed);
    return text;
  }

  /** The next character, for a message: `U+0023 '#'`. */
  get described(): string {
    const point = this.#text.codePointAt(this.#at) ?? 0;
    return `U+${point.toString(16).toUpperCase().padStart(4, '0')} '${String.fromCodePoint(point)}'`;
  }
}
