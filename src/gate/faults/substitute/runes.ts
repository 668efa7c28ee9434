const { raw } = String;

/** `\Q...\E`: literal text, including backslashes. Means the same in JavaScript and in RE2, as does the next. */
export const QUOTED = raw`\\Q(?:[^\\]|\\+[^\\E])*(?:\\+E|\\*$)`;
export const CLASS = raw`\[\^?\]?(?:\[:\^?[a-z]+:\]|\\.|[^\]\\])*\]`;

const SYMBOL = raw`\\x\{[^}]*\}|\\x..|\\[0-7]{3}|\\.|[^\\]`;
const NAMED_GROUP = raw`\(\?P?<\w+>`;
const TOKEN = new RegExp(raw`${QUOTED}|${NAMED_GROUP}|(${CLASS})|${SYMBOL}`, 'g');
const CLASS_ITEM = new RegExp(
  raw`\[:\^?[a-z]+:\]|\\[dDsSwW]|(${SYMBOL})-(?!$)(${SYMBOL})|(\[)(?=:$)|${SYMBOL}`,
  'g',
);

/** The rune that represents a byte in a program: bytes beyond ASCII map to runes that do not case-fold. */
export function runeOf(byte: number): number {
  return byte < 0x80 ? byte : 0xe000 + byte;
}

/** A pattern over bytes as one over the runes that represent them. */
export function inRunes(pattern: string): string {
  return pattern.replace(TOKEN, (token, characterClass: string | undefined, at: number) => {
    // Go lets groups share a name, re2js doesn't; nothing refers to them by it.
    if (token.startsWith('(?')) return '(';
    if (characterClass === undefined) return symbolInRunes(token);
    const head = characterClass.startsWith('[^') ? 2 : 1;
    const isNamed = pattern.includes(':]', at + token.length);
    const items = characterClass
      .slice(head, -1)
      .replace(CLASS_ITEM, (item, low?: string, high?: string, bracket?: string) => {
        // re2js 2.10 takes `[[:]` for the beginning of a named class even where no name ends; Go doesn't.
        if (bracket !== undefined) return isNamed ? item : raw`\[`;
        if (low === undefined || high === undefined) return symbolInRunes(item);
        return rangeInRunes(low, high);
      });
    return `${characterClass.slice(0, head)}${items}]`;
  });
}

/** A range that begins within ASCII and ends beyond it leaves out the runes between, some of which fold into ASCII. */
function rangeInRunes(low: string, high: string): string {
  const end = symbolInRunes(high);
  if (!isBeyondAscii(high)) return `${low}-${end}`;
  if (isBeyondAscii(low)) return `${symbolInRunes(low)}-${end}`;
  return raw`${low}-\x7f\x{${runeOf(0x80).toString(16)}}-${end}`;
}

function symbolInRunes(symbol: string): string {
  const code = codeOf(symbol);
  return isBeyondAscii(symbol) ? raw`\x{${runeOf(code).toString(16)}}` : symbol;
}

function isBeyondAscii(symbol: string): boolean {
  const code = codeOf(symbol);
  return code >= 0x80 && code <= 0xff;
}

/** 0 when it is no escape of a code point by hexadecimal or octal digits: then it is within ASCII. */
function codeOf(symbol: string): number {
  const [, hex, octal] = /^\\(?:x\{?([0-9A-Fa-f]+)\}?|([0-7]{3}))$/.exec(symbol) ?? [];
  return hex === undefined ? Number.parseInt(octal ?? '0', 8) : Number.parseInt(hex, 16);
}
