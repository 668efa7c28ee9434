import { z } from 'zod';
import { cel, withRules } from './schema.ts';

const { raw } = String;

/** These regular expressions mean the same in JavaScript and in RE2. */
const OCTET = '(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])';
const IPV4 = raw`${OCTET}(\.${OCTET}){3}`;

/** RFC 3986, 3.2.2. Not every supported version of Kubernetes has CEL's `isIP`. */
const GROUP = '[0-9A-Fa-f]{1,4}';
const LAST_32_BITS = `(${GROUP}:${GROUP}|${IPV4})`;
const IPV6 = [
  `(${GROUP}:){6}${LAST_32_BITS}`,
  `::(${GROUP}:){5}${LAST_32_BITS}`,
  ...[4, 3, 2, 1, 0].map((behind, before) => {
    const rest = behind === 0 ? '' : `(${GROUP}:){${behind}}`;
    return `${upTo(before)}::${rest}${LAST_32_BITS}`;
  }),
  `${upTo(5)}::${GROUP}`,
  `${upTo(6)}::`,
].join('|');

/** RFC 1123, 2.1, and the underscore, which resolvers accept and Docker Compose puts into names. */
const LABEL = '[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?';
/** Resolvers take a name whose last label is a number for an address (inet_aton), `0x7f.1` included. */
const NAME = raw`(${LABEL}\.)*${LABEL}\.?`;
const ENDS_IN_NUMBER = raw`(^|\.)([0-9]+|0[xX][0-9A-Fa-f]*)\.?$`;

const ADDRESS = `^(${IPV4}|${IPV6})$`;
const HOST_NAME = `^${NAME}$`;

/** Up to so many groups and one more, or none, before a `::`. */
function upTo(count: number): string {
  return `((${GROUP}:){0,${count}}${GROUP})?`;
}

const OTHERWISE = 'host must be a DNS name or an IP address';

/** What is wrong with a text that is not a host, the most specific message first. No message contains a CEL quote. */
const MISTAKES: readonly (readonly [expression: string, message: string])[] = [
  ['://', 'host must not be a URL: write only the name or address, and the port in the field port'],
  [raw`^[^:]*:[^:]*$|^\[.*\]:`, 'host must not have a port: write it in the field port'],
  [raw`[\[\]]`, 'host must not have brackets: write only the IPv6 address'],
  [
    '^[0-9A-Fa-f:.]+%',
    'host must not have a zone: interface names differ from machine to machine, so use an address that needs no zone',
  ],
  [raw`[ \t\r\n]`, 'host must not have spaces'],
  [
    '^[^:]*:[^:]*:',
    'host must be an IPv6 address if it has more than one ":": eight groups of one to four hexadecimal digits, or fewer and one "::"',
  ],
  ['[^ -~]', 'host must be ASCII: write an international name in Punycode ("xn--...")'],
  ['[^A-Za-z0-9_.-]', 'host must consist of letters, digits, "-", "_" and "."'],
  [
    raw`^\.|\.\.`,
    'host must not have an empty label: write one "." between labels, and none before the first',
  ],
  [
    ENDS_IN_NUMBER,
    'host must be an IPv4 address if it ends in a number: four numbers from 0 to 255, without leading zeros',
  ],
  ['[^.]{64}', 'host must not have a label of more than 63 characters'],
  [raw`^-|-$|-\.|\.-`, 'host must not have a label that begins or ends with "-"'],
];

/** Why a text is neither a DNS name nor an IP address, as a sentence that says what to write; undefined when it is. */
export function mistakeOfHost(text: string): string | undefined {
  const fits = (expression: string) => compiled(expression).test(text);
  if (fits(ADDRESS) || (fits(HOST_NAME) && !fits(ENDS_IN_NUMBER))) return undefined;
  return MISTAKES.find(([expression]) => fits(expression))?.[1] ?? OTHERWISE;
}

const COMPILED = new Map<string, RegExp>();

function compiled(expression: string): RegExp {
  const known = COMPILED.get(expression) ?? new RegExp(expression);
  COMPILED.set(expression, known);
  return known;
}

const matches = (expression: string) => `self.matches(${cel(expression)})`;

/** A DNS name, absolute ones with their last dot, or an IP address. */
export const host = withRules(
  z
    .string()
    .max(253)
    .describe(
      'DNS name or IP address of the server, without a port or URL scheme. Write an IPv6 address without brackets and zone, and an international name in Punycode. Labels may contain underscores. The name is resolved for each connection, and all of its addresses are tried.',
    ),
  [
    {
      cel: `${matches(ADDRESS)} || ${matches(HOST_NAME)} && !${matches(ENDS_IN_NUMBER)}`,
      holds: (text) => mistakeOfHost(text) === undefined,
      message: OTHERWISE,
      diagnosis: {
        cel: MISTAKES.reduceRight(
          (otherwise, [expression, message]) =>
            `${matches(expression)} ? '${message}' : ${otherwise}`,
          `'${OTHERWISE}'`,
        ),
        of: (text) => mistakeOfHost(text) ?? '',
      },
    },
  ],
);
