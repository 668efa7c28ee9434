/**
 * Characters that do something to a terminal instead of being shown, but for line feeds and tabs: control characters
 * (C0, DEL, C1), and those that turn the direction of what follows, so that a line reads as what it is not.
 */
const CONTROLS = /[^\P{Cc}\n\t]|[\p{Bidi_Control}\p{Zl}\p{Zp}]/gu;

/**
 * Text of somebody else that may be written to a terminal: what would steer it stands there as `\u001b`, which is also
 * what JSON has for it.
 */
export function printable(text: string): string {
  return text.replaceAll(CONTROLS, escaped);
}

/** The same in one line: a line feed would begin one that reads as ours. */
export function printableLine(text: string): string {
  return printable(text).replaceAll('\n', '\\n');
}

function escaped(char: string): string {
  return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
