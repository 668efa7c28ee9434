import { printable, printableLine } from './printable.ts';

/**
 * All that a command says goes through these, so that nothing in a text of somebody else, be it a status, a file or an
 * error, steers the terminal.
 */

/** Says a text of one line or several on standard output. */
export function say(text: string): void {
  process.stdout.write(`${printable(text)}\n`);
}

/** Says one line on standard output, whatever is in it. */
export function sayLine(line: string): void {
  process.stdout.write(`${printableLine(line)}\n`);
}

/** Says a text of one line or several on standard error. */
export function sayError(text: string): void {
  process.stderr.write(`${printable(text)}\n`);
}

/** Says one line on standard error, whatever is in it. */
export function sayErrorLine(line: string): void {
  process.stderr.write(`${printableLine(line)}\n`);
}

/** Writes what was asked for as data: to the byte, unless a person looks at it. */
export function writeData(text: string): void {
  process.stdout.write(process.stdout.isTTY ? printable(text) : text);
}
