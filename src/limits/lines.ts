const NEWLINE = 0x0a;

/** Bytes that the beginning of a line gets at first. */
const FIRST_CAPACITY = 4_096;

/** A line has more bytes than it may have. */
export class LineTooLongError extends Error {
  override readonly name = 'LineTooLongError';
}

/** Cuts bytes into lines, however they are spread over the reads. */
export class LineCutter {
  readonly #maxBytes: number;
  /** The bytes of a line that has not ended yet. */
  #begun = Buffer.alloc(0);
  #length = 0;

  /** @param maxBytes of the longest line */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** A line has begun and not ended. */
  get isInside(): boolean {
    return this.#length > 0;
  }

  /** The lines that end in what was read next. Throws a `LineTooLongError`. */
  *cut(read: Uint8Array): Generator<string> {
    const bytes = Buffer.from(read.buffer, read.byteOffset, read.byteLength);
    let start = 0;
    for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE, start)) {
      const line = this.#end(bytes.subarray(start, end));
      start = end + 1;
      yield line;
    }
    this.#begin(bytes.subarray(start));
  }

  /** Decoded only when whole: a read may end inside of a character. */
  #end(rest: Buffer): string {
    if (this.#length === 0) {
      this.#check(rest.length);
      return rest.toString();
    }
    this.#begin(rest);
    const line = this.#begun.toString('utf8', 0, this.#length);
    // Most connections rest most of the time: without memory of their own.
    this.#begun = Buffer.alloc(0);
    this.#length = 0;
    return line;
  }

  /** Copied: a read of one byte may keep a whole one in memory. */
  #begin(bytes: Buffer): void {
    const length = this.#length + bytes.length;
    this.#check(length);
    if (length > this.#begun.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(FIRST_CAPACITY, 2 * length));
      this.#begun.copy(larger, 0, 0, this.#length);
      this.#begun = larger;
    }
    bytes.copy(this.#begun, this.#length);
    this.#length = length;
  }

  #check(length: number): void {
    if (length <= this.#maxBytes) return;
    throw new LineTooLongError(`A line is longer than ${this.#maxBytes} bytes`);
  }
}

/** The lines of a stream. Throws a `LineTooLongError`, and for a last line that does not end: the stream broke off. */
export async function* splitLines(
  reads: AsyncIterable<Uint8Array>,
  maxBytes: number,
): AsyncGenerator<string> {
  const lines = new LineCutter(maxBytes);
  for await (const read of reads) yield* lines.cut(read);
  if (lines.isInside) throw new Error('The stream ended inside of a line');
}
