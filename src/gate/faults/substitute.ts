import { z } from 'zod';
import { withRules } from '../schema.ts';
import { defineFault } from './fault.ts';
import { celGroupCount, groupCount, pattern } from './substitute/pattern.ts';
import {
  celRefersWithin,
  highestGroup,
  parseReplacement,
  replacement,
} from './substitute/replacement.ts';
import { compileRules, Rewriter } from './substitute/rewriter.ts';

const rule = withRules(z.object({ pattern, replacement }), [
  {
    cel: `[${celGroupCount('self.pattern')}].all(groups, ${celRefersWithin('self.replacement', 'groups')})`,
    // An invalid pattern has no groups; its own rules report it.
    holds: (one) =>
      !pattern.safeParse(one.pattern).success ||
      highestGroup(parseReplacement(one.replacement)) <= (groupCount(one.pattern) ?? 0),
    message:
      'replacement refers to a group that pattern does not have: groups are numbered by their opening parenthesis, from 1',
  },
]);

export const substitute = defineFault({
  schema: z
    .array(rule)
    .min(1)
    .max(8)
    .describe(
      'Replaces whatever matches a pattern, even if the match spans several reads or the length changes. With several patterns, the leftmost match wins, and at the same position the first pattern; replaced text is not matched again. Bytes that may belong to a match are held until that is decided, at most 64 KiB: longer matches are not found.',
    ),
  changesBytes: true,
  describe: (rules) =>
    `substitute ${rules.map(({ pattern, replacement }) => `${short(pattern)} by ${short(replacement)}`).join(' and ')}`,
  stage: (rules, context) =>
    new Rewriter(
      context.shared(() => compileRules(rules)),
      context,
    ),
  docs: {
    cause:
      'A server announces an address that clients should not use directly (Redis Sentinel, MongoDB, Kafka). Or a message has the wrong content: an error instead of a result, another version, a wrong number.',
    sender: 'Nothing.',
    receiver: 'What was sent, with every match replaced, even across reads.',
    pitfalls: [
      'Most protocols count bytes. Replace with the same number of bytes, or replace the count too, as `examples/redis` does for Redis strings.',
      'Bytes that may begin a match are held until the next byte decides. At the end of a message there is no next byte: `[0-9]+` holds the last digits of a message until another message arrives, and `(?s)a.*b` holds everything after an `a`, up to 64 KiB. Begin and end patterns with text that occurs only where they should match. If bytes have been held like this for a second or two, the message of the `Connected` condition says how many (`kubectl describe tg`).',
      'A proxy that is short of memory holds at most 8 KiB for a match, and does not find longer ones. See the bounds on held bytes in docs/tcpgate.md.',
      '`^` and `$` match the beginning and the end of the stream, not of a message.',
      'Nothing matches in TLS-encrypted bytes.',
      '`chaos.py` matches Python expressions within one read, and only if it is UTF-8. Here the syntax is RE2, over all bytes: no look-around, no backreferences in the pattern, `\\1` in the replacement.',
    ],
    example: {
      direction: 'toClient',
      settings: [{ pattern: '10\\.0\\.0\\.7', replacement: 'gate' }],
    },
  },
});

function short(text: string): string {
  return `'${text.length > 32 ? `${text.slice(0, 31)}…` : text}'`;
}
