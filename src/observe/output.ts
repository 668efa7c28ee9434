import { constants, fstatSync, openSync, writeSync } from 'node:fs';

const STDOUT = 1;

/** Milliseconds between attempts to write to a reader that stalls. */
const RETRY_INTERVAL = 100;

/**
 * Standard output for lines. Written at once, so that the last words of a process are not lost; but where its reader
 * stalls, lines wait for it here, and the process goes on: Node's own writes to a pipe wait in the event loop (Node
 * documentation, "A note on process I/O"), and those of its thread pool at the exit.
 */
export class Output {
  readonly #fd: number;
  readonly #maxWaiting: number;
  readonly #onDrop: () => void;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #retry: NodeJS.Timeout | undefined;

  /**
   * @param maxWaiting bytes that wait at most
   * @param onDrop called for each line that does not fit
   */
  constructor(maxWaiting: number, onDrop: () => void, fd = nonBlockingStdout()) {
    this.#fd = fd;
    this.#maxWaiting = maxWaiting;
    this.#onDrop = onDrop;
    process.on('exit', () => this.#flush());
  }

  write(line: string): void {
    const bytes = Buffer.from(line);
    if (this.#waitingBytes + bytes.length > this.#maxWaiting) {
      this.#onDrop();
      return;
    }
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    if (this.#retry === undefined) this.#flush();
  }

  #flush(): void {
    clearTimeout(this.#retry);
    this.#retry = undefined;
    for (let line = this.#waiting[0]; line !== undefined; line = this.#waiting[0]) {
      const count = this.#tryWrite(line);
      if (count === undefined) return;
      this.#waitingBytes -= count;
      if (count < line.length) this.#waiting[0] = line.subarray(count);
      else this.#waiting.shift();
    }
  }

  /** Bytes that were taken; undefined when the reader takes none now. */
  #tryWrite(line: Buffer): number | undefined {
    try {
      return writeSync(this.#fd, line);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EAGAIN') {
        this.#retry = setTimeout(() => this.#flush(), RETRY_INTERVAL).unref();
        return undefined;
      }
      // Nobody reads any more, or the disk is full: there is no other place to say so.
      return line.length;
    }
  }
}

/**
 * A pipe is opened again, so that those who share it keep it as it is. Where that is refused, and for all but pipes, it
 * is standard output itself.
 */
function nonBlockingStdout(): number {
  try {
    if (!fstatSync(STDOUT).isFIFO()) return STDOUT;
    return openSync('/proc/self/fd/1', constants.O_WRONLY | constants.O_NONBLOCK);
  } catch {
    return STDOUT;
  }
}
