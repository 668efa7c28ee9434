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
    // What is no pattern has no groups; its own rules say so.
    holds: (one) =>
      !pattern.safeParse(one.pattern).success ||
      highestGroup(parseReplacement(one.replacement)) <= (groupCount(one.pattern) ?? 0),
    message:
      'replacement refers to a group that pattern does not have: groups are counted by their opening parenthesis, from 1',
  },
]);

export const substitute = defineFault({
  schema: z
    .array(rule)
    .min(1)
    .max(8)
    .describe(
      'Whatever matches a pattern is replaced, wherever the reads cut it, also when that changes the length. Of several patterns the leftmost match is taken, at the same place that of the first pattern; what a replacement has written is not looked at again. Bytes that may belong to a match are held until that is known, 64 KiB at most: longer matches are not found.',
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
      'A server that announces an address which clients are not to use as it is (the sentinel of Redis, MongoDB, Kafka); or a message that says something else than it should: an error in the place of a result, another version, a wrong number.',
    sender: 'Nothing.',
    receiver: 'What was sent with every match replaced, wherever reads had cut it.',
    pitfalls: [
      'Most protocols count bytes. Replace by as many, or replace the count too: `examples/redis` does so for the strings of Redis.',
      'What may be the beginning of a match is held until the next byte tells. At the end of a message none comes: `[0-9]+` holds the last digits of a message back until there is another one, and `(?s)a.*b` everything behind an `a`, up to 64 KiB. Let patterns begin and end with what stands only where they should match. When bytes have been held so for a second or two, the message of the condition `Connected` says how many (`kubectl describe tg`).',
      'A proxy that is short of memory holds 8 KiB at most for a match: longer ones are not found then. See the bounds on held bytes in docs/tcpgate.md.',
      '`^` and `$` stand for the beginning and the end of the stream, not of a message.',
      'Nothing matches in what TLS has encrypted.',
      'In chaos.py a match is sought in one read, and only if that is UTF-8; the expressions are those of Python. Here they are those of RE2, over all bytes: no look-around, no backreferences in the pattern, `\\1` in the replacement.',
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
