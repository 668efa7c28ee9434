/** Tells the person at the terminal what takes time now: one plain line on stderr, so that stdout stays the command's own. */
export function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
