/** A text is no YAML, or not such as is read here. */
export class YamlError extends Error {
  override readonly name = 'YamlError';
  /** Counted from 1; undefined where it is about the text as a whole. */
  readonly line: number | undefined;

  constructor(message: string, line?: number) {
    super(message);
    this.line = line;
  }
}

export const TOO_DEEP = 'it nests too deep';
