/** What a plain scalar of YAML may mean. */
export type Scalar = string | number | boolean | null;

const WORDS = new Map<string, Scalar>([
  ...words(true, 'y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'),
  ...words(false, 'n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'),
  ...words(null, '', '~', 'null', 'Null', 'NULL'),
  ...words(Number.NaN, '.nan', '.NaN', '.NAN'),
  ...words(Infinity, '.inf', '.Inf', '.INF', '+.inf', '+.Inf', '+.INF'),
  ...words(-Infinity, '-.inf', '-.Inf', '-.INF'),
]);

function words(value: Scalar, ...texts: readonly string[]): [string, Scalar][] {
  return texts.map((text) => [text, value]);
}

const FLOAT = /^[-+]?(\.\d+|\d+(\.\d*)?)([eE][-+]?\d+)?$/;
const POINT_FIRST = /^\.\d+(_\d+)*([eE][-+]?\d+(_\d+)*)?$/;
/** The prefixes of Go's `strconv.ParseInt` with base 0. */
const INTEGERS: readonly (readonly [pattern: RegExp, base: number])[] = [
  [/^0[xX]([0-9a-fA-F]+)$/, 16],
  [/^0[bB]([01]+)$/, 2],
  [/^0[oO]([0-7]+)$/, 8],
  [/^0([0-7]+)$/, 8],
  [/^(0|[1-9]\d*)$/, 10],
];

/**
 * What Kubernetes takes a plain scalar for: YAML 1.1 as sigs.k8s.io/yaml reads it, without base 60 and times.
 * The rules are those of go-yaml 2, `resolve`.
 */
export function resolveScalar(text: string): Scalar {
  const word = WORDS.get(text);
  if (word !== undefined) return word;
  // Underscores stand between digits here; in what begins with a digit or a sign they may stand anywhere.
  if (text.startsWith('.') && !POINT_FIRST.test(text)) return text;
  if (!/^[-+.\d]/.test(text)) return text;
  const plain = text.replaceAll('_', '');
  return integer(plain) ?? (FLOAT.test(plain) ? finite(plain, text) : text);
}

function integer(text: string): number | undefined {
  const sign = text.startsWith('-') ? -1 : 1;
  const digits = text.replace(/^[-+]/, '');
  for (const [pattern, base] of INTEGERS) {
    const found = pattern.exec(digits)?.[1];
    // What has no room in 64 bits is read as a float below.
    if (found !== undefined) return sign * Number.parseInt(found, base) || 0;
  }
  return undefined;
}

/** A number, or otherwise the text, when it is too large for one. */
function finite(plain: string, otherwise: string): Scalar {
  const value = Number(plain);
  return Number.isFinite(value) ? value : otherwise;
}
