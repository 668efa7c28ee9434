import type { WriteStream } from 'node:tty';
import { printableLine } from '../../observe/printable.ts';

/** Lines at the end of a terminal that are drawn again in place. */
export class Screen {
  readonly #terminal: WriteStream;
  #drawn = 0;

  constructor(terminal: WriteStream) {
    this.#terminal = terminal;
  }

  /** Characters of a line. A terminal that does not know its size says 0. */
  get width(): number {
    return this.#terminal.columns || 80;
  }

  /** Replaces what was drawn before. Lines that are too long or too many are cut. */
  draw(lines: readonly string[]): void {
    const rows = this.#terminal.rows || 24;
    const shown = lines
      .slice(0, Math.max(1, rows - 1))
      .map((line) => printableLine(line).slice(0, this.width));
    this.#terminal.write(`${this.#erase()}${shown.map((line) => `${line}\n`).join('')}`);
    this.#drawn = shown.length;
  }

  /** Up to the first drawn line, and all below away (ECMA-48: CPL, ED). */
  #erase(): string {
    return this.#drawn === 0 ? '' : `\x1b[${this.#drawn}F\x1b[J`;
  }
}
