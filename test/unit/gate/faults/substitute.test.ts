import { describe, expect, test } from 'vitest';
import { substitute } from '../../../../src/gate/faults/substitute.ts';
import { cut, everyCut, type Rule } from './substituteReference.ts';
import { ACCEPTED, REFUSED } from './substituteRules.ts';
import { GateHarness, openLine } from './support.ts';

const { raw } = String;
const by = (pattern: string, replacement: string): Rule => ({ pattern, replacement });
const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');

/** What the receiver has of a stream that comes in these pieces and ends. */
function received(rules: readonly Rule[], pieces: readonly Buffer[]): string {
  const { line } = openLine({ substitute: [...rules] });
  for (const piece of pieces) line.send(piece);
  line.end();
  expect(line.endedAt).toBe(0);
  return line.text;
}

const CASES: readonly (readonly [
  says: string,
  rules: readonly Rule[],
  sent: string,
  got: string,
])[] = [
  ['every match, shorter', [by('hello', 'die')], 'hello, hello!', 'die, die!'],
  ['every match, longer', [by('a', 'aa')], 'aba', 'aabaa'],
  ['nothing where there is no match', [by('hello', 'die')], 'hell', 'hell'],
  ['a match with nothing', [by('b+', '')], 'abbbc', 'ac'],
  ['the longest by a greedy operator', [by('a+', 'x')], 'aaabaa', 'xbx'],
  ['the shortest by a lazy one', [by('<.*?>', 'x')], '<a><b>', 'xx'],
  ['the first alternative, as Perl does', [by('a|ab', 'x')], 'ab', 'xb'],
  ['a shorter match when the longer fails', [by('abcd|b', 'x')], 'abcx', 'axcx'],
  ['matches within what a longer one had tried', [by('a*b|a', 'x')], 'aaac', 'xxxc'],
  ['overlapping ones from the left', [by('aa', 'x')], 'aaa', 'xa'],
  ['groups, in any order', [by('(a+)(b+)', raw`\2\1`)], 'aabbb.', 'bbbaa.'],
  ['a group that took no part with nothing', [by('(a)|(b)', raw`[\1|\2]`)], 'ab', '[a|][|b]'],
  ['a repeated group with the last', [by('(?:(a|b)c)+', raw`\1`)], 'acbc', 'b'],
  ['all of a match by \\0', [by('a.', raw`<\0>`)], 'abac', '<ab><ac>'],
  ['dollars as dollars', [by('a', '$1$$')], 'a', '$1$$'],
  ['control characters', [by('a', raw`\r\n\t\\1\x31`)], 'a', '\r\n\t\\11'],
  ['any byte', [by(raw`\x00\xff+[\x80-\x82]`, raw`\xfe\x00`)], '\x00\xff\xff\x81', '\xfe\x00'],
  ['bytes and not characters', [by('.', 'x')], '\xc3\xa9', 'xx'],
  ['letters of any case', [by('(?i)hello', 'x')], 'HeLLo', 'x'],
  ['no case beyond ASCII', [by(raw`(?i)\xe9`, 'x')], '\xe9\xc9', 'x\xc9'],
  ['no case by way of a range', [by(raw`(?i)[{-\xff]`, 'x')], 'sK{\xff', 'sKxx'],
  ['what stands at the start of the stream', [by('^a', 'x')], 'aaa', 'xaa'],
  ['what stands at its end', [by('a$', 'x')], 'aaa', 'aax'],
  ['the start, without taking a byte', [by(raw`\A`, '> ')], 'ab', '> ab'],
  ['the end, without taking a byte', [by(raw`\z`, ' <')], 'ab', 'ab <'],
  ['the starts of lines', [by('(?m)^', '> ')], 'a\nb', '> a\n> b'],
  ['the ends of lines', [by('(?m)b$', 'x')], 'b\nbb', 'x\nbx'],
  ['whole words', [by(raw`\ba\b`, 'x')], 'a ab ba a', 'x ab ba x'],
  ['by the leftmost of several', [by('b', '1'), by('ab', '2')], 'abb', '21'],
  ['by the first of several', [by('ab', '1'), by('a', '2')], 'aba', '12'],
  ['each place once', [by('a', 'b'), by('b', 'a')], 'ab', 'ba'],
  ['empty matches as Go does', [by('a*', 'x')], 'baac', 'xbxcx'],
];

describe('substitute replaces', () => {
  test.each(CASES)('%s, however the stream is cut', (_, rules, sent, got) => {
    for (const pieces of everyCut(latin1(sent))) expect(received(rules, pieces)).toBe(got);
  });

  test('all 256 bytes, each by its escape', () => {
    const all = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    for (const byte of all) {
      const pattern = raw`\x${byte.toString(16).padStart(2, '0')}`;
      const got = latin1(received([by(pattern, pattern.repeat(2))], [all]));
      expect(got.length).toBe(257);
      expect(got.filter((each) => each === byte).length).toBe(2);
    }
  });

  test('the address that a Redis sentinel announces, and leaves the rest as it is', () => {
    const answer = (host: string, port: string): string =>
      `*2\r\n$${host.length}\r\n${host}\r\n$${port.length}\r\n${port}\r\n`;
    const others = `${answer('127.0.0.11', '6379')}+PONG\r\n:127001\r\n$-1\r\n$9\r\n127.0.0.1`;
    const sent = `${answer('127.0.0.1', '6379')}${others}\r\n${answer('127.0.0.1', '6379')}`;
    const rules = [
      by(
        raw`\$9\r\n127\.0\.0\.1\r\n\$4\r\n6379\r\n`,
        raw`$15\r\nredis-gate.test\r\n$5\r\n16379\r\n`,
      ),
    ];
    const gate = answer('redis-gate.test', '16379');
    for (const pieces of everyCut(latin1(sent))) {
      expect(received(rules, pieces)).toBe(`${gate}${others}\r\n${gate}`);
    }
  });

  test('an address of any length, whose own length goes with it', () => {
    const rules = [by(raw`\$(?:9\r\n127\.0\.0\.1|10\r\n127\.0\.0\.10)\r\n`, raw`$4\r\ngate\r\n`)];
    const sent = '$9\r\n127.0.0.1\r\n$10\r\n127.0.0.10\r\n$9\r\n127.0.0.2\r\n';
    for (const pieces of everyCut(latin1(sent))) {
      expect(received(rules, pieces)).toBe('$4\r\ngate\r\n$4\r\ngate\r\n$9\r\n127.0.0.2\r\n');
    }
  });
});

describe('substitute holds', () => {
  test.each([
    ['die', 'hello', ''],
    ['lo', 'hel', 'l'],
    ['lo', 'hello', ''],
    ['lo|x', 'hellx', ''],
    ['abcabd', 'abcabcab', 'abcab'],
    ['a+', 'baa', 'aa'],
    ['a+', 'aab', ''],
    ['a+?', 'aa', ''],
    ['a|ab', 'a', ''],
    ['ab|a', 'a', 'a'],
    [raw`a\b`, 'ba', 'a'],
    ['a$', 'ba', 'a'],
    [raw`a[^\x00-\xff]`, 'a', ''],
    ['[a-z]+@', 'Xabc', 'abc'],
    ['(?s).*', 'abc', 'abc'],
  ])('no more for %s than the end of %s', (pattern, sent, held) => {
    const { harness, line } = openLine({ substitute: [by(pattern, '')] });
    line.send(sent);
    expect(harness.held).toBe(held.length);
    line.end();
    expect(harness.held).toBe(0);
  });

  test('what may be a match until it is known, and passes it in one write with the rest', () => {
    const { clock, line } = openLine({ substitute: [by('hello', 'die')] });
    line.send('oh hel');
    clock.advance(10);
    line.send('p hello you he');
    clock.advance(10);
    line.end();
    expect(line.writes.map(({ at, data }) => [at, data.toString()])).toEqual([
      [0, 'oh '],
      [10, 'hel'],
      [10, 'p die you '],
      [20, 'he'],
    ]);
  });

  test('bytes for a delay behind it no longer than from their arrival', () => {
    const { clock, line } = openLine({
      substitute: [by('hello', 'die')],
      delay: { milliseconds: 100 },
    });
    line.send('hel');
    clock.advance(60);
    line.send('p');
    clock.advance(40);
    expect(line.text).toBe('hel');
    clock.advance(60);
    expect(line.text).toBe('help');
  });

  test('64 KiB at most: a longer match is given up and the sender never blocked for it', () => {
    const { harness, line } = openLine({ substitute: [by('<[^>]*>', 'x')] });
    const long = `<${'a'.repeat(100_000)}`;
    for (const piece of cut(latin1(long), [1, 40_000, 90_000])) line.send(piece);
    expect(line.unread).toBe(0);
    expect(harness.held).toBe(0);
    line.send('> <b>');
    expect(line.text).toBe(`${long}> x`);
  });

  test.each([65_535, 65_536])('a match of %i bytes is found, byte by byte', (length) => {
    const { line } = openLine({ substitute: [by('<[^>]*>', 'x')] });
    line.send('<');
    for (let at = 0; at < length - 2; at += 1) line.send('a');
    line.send('>');
    expect(line.text).toBe('x');
  });

  test('no more than one direction of a connection may', () => {
    const { harness, line } = openLine(
      { substitute: [by('<[^>]*>', 'x')] },
      { connectionBytes: 100 },
    );
    const sent = `<${'a'.repeat(9)}`.repeat(25);
    for (const byte of latin1(sent)) line.send(Buffer.of(byte));
    expect(harness.held).toBe(50);
    expect(line.unread).toBe(0);
    line.send('>');
    expect(line.text).toBe(`${sent.slice(0, 200)}x`);
  });
});

describe('a change of faults', () => {
  test('that lifts substitute passes what was held, as it came', () => {
    const { harness, line } = openLine({ substitute: [by('hello', 'die')] });
    line.send('hello hel');
    harness.setFaults({});
    expect(line.text).toBe('die hel');
    line.send('lo');
    expect(line.text).toBe('die hello');
  });

  test('keeps a match together that had begun', () => {
    const { harness, line } = openLine({ substitute: [by('hello', 'die')] });
    line.send('hel');
    harness.setFaults({ substitute: [by('hell(o)', raw`\1`)] });
    line.send('lo');
    expect(line.text).toBe('o');
  });

  test('replaces nothing twice that is held behind it', () => {
    const delayed = { substitute: [by('a', 'aa')], delay: { milliseconds: 10 } };
    const { harness, clock, line } = openLine(delayed);
    line.send('bab');
    harness.setFaults({ ...delayed, delay: { milliseconds: 20 } });
    clock.advance(20);
    expect(line.text).toBe('baab');
  });

  test('in mid-stream makes no new start of it', () => {
    const { harness, line } = openLine({});
    line.send('a');
    harness.setFaults({ substitute: [by('^a', 'x')] });
    line.send('aa');
    expect(line.text).toBe('aaa');
  });
});

test('a pattern that is hard to match holds up no other connection', () => {
  // For each byte it has to remember which of the last 600 were an a.
  const { harness, clock, line } = openLine({
    substitute: [by(`a${'[ab]{99}'.repeat(6)}c`, 'x')],
  });
  const other = harness.open();
  const sent = Array.from({ length: 3_000 }, (_, at) => 'ab'[Math.floor(at ** 1.5) % 2]).join('');
  line.send(sent);
  line.end();
  const before = line.text.length;
  expect(before).toBeLessThan(2_000);
  expect(line.endedAt).toBeUndefined();
  other.send('hello');
  expect(other.text).toBe('hello');
  clock.advance(1_000);
  expect(line.text).toBe(sent);
  expect(line.endedAt).toBeDefined();
  expect(clock.waiting).toBe(0);
});

describe('the schema', () => {
  test.each(ACCEPTED)('accepts $pattern by $replacement', (rule) => {
    expect(substitute.schema.safeParse([rule]).error).toBeUndefined();
  });

  test.each(REFUSED)('refuses %j', (rule, message) => {
    expect(() => substitute.schema.parse([rule])).toThrow(message);
  });

  test.each([
    ['no rule at all', []],
    ['more than eight', Array.from({ length: 9 }, () => by('a', 'b'))],
    ['an empty pattern', [by('', 'b')]],
    ['a rule without a replacement', [{ pattern: 'a' }]],
    ['a pattern beyond 512 characters', [by('a'.repeat(513), '')]],
    ['a replacement beyond 1024', [by('a', 'a'.repeat(1_025))]],
  ])('refuses %s', (_, rules) => {
    expect(substitute.schema.safeParse(rules).success).toBe(false);
  });

  test('says in one line what is in force', () => {
    const rules = [by('hello', 'die'), by('a'.repeat(40), '')];
    expect(substitute.describe(rules)).toBe(
      `substitute 'hello' by 'die' and '${'a'.repeat(31)}…' by ''`,
    );
  });
});

describe('substitute by more than there was', () => {
  const KIBIBYTE = 'x'.repeat(1_024);

  test('makes no more than the receiver has room for, and all of it in the end', () => {
    const { harness, line } = openLine({ substitute: [by('1', KIBIBYTE)] });
    line.block();
    line.send('1'.repeat(4_096));
    // The receiver has one piece, and what is to be replaced waits as it came.
    expect(harness.held).toBeLessThan(65_536 + 1_024 + 4_096);
    line.unblock();
    expect(line.text).toBe(KIBIBYTE.repeat(4_096));
    expect(harness.held).toBe(0);
  });

  test('also when one match has a replacement of megabytes', () => {
    const { harness, line } = openLine({ substitute: [by('(?s)<.*>', '\\0'.repeat(512))] });
    line.block();
    const match = `<${'a'.repeat(60_000)}>`;
    line.send(match);
    expect(harness.held).toBeLessThan(3 * 65_536);
    line.end();
    line.unblock();
    expect(line.text === match.repeat(512)).toBe(true);
    expect(line.endedAt).toBeDefined();
  });

  test('what was made and not passed is not lost, nor made again, when the faults change', () => {
    const { harness, line } = openLine({ substitute: [by('1', KIBIBYTE)] });
    line.block();
    line.send('1'.repeat(100));
    harness.setFaults({ substitute: [by('x', 'y'), by('1', 'z')] });
    line.unblock();
    const replaced = line.text.lastIndexOf('x') + 1;
    expect(replaced).toBeGreaterThanOrEqual(65_536);
    expect(line.text).toBe('x'.repeat(replaced) + 'z'.repeat(100 - replaced / 1_024));
  });

  test('goes on, a little at a time, when memory is short', () => {
    const harness = new GateHarness({ substitute: [by('1', KIBIBYTE)] }, { processBytes: 1 });
    const line = harness.open();
    line.send('1'.repeat(1_000));
    expect(line.text).toBe(KIBIBYTE.repeat(1_000));
    for (const { data } of line.writes) expect(data.length).toBeLessThanOrEqual(4_096 + 1_024);
  });

  test('holds less for a match when memory is short', () => {
    const harness = new GateHarness({ substitute: [by('(?s)a.*b', '')] }, { processBytes: 1 });
    const line = harness.open();
    for (let sent = 0; sent < 100; sent += 1) line.send('a'.repeat(1_000));
    expect(harness.held).toBeLessThanOrEqual(8_192);
    expect(line.text).toBe('a'.repeat(100_000 - harness.held));
  });
});
