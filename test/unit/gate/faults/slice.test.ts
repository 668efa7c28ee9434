import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CHUNK_COST } from '../../../../src/gate/chunk.ts';
import { slice } from '../../../../src/gate/faults/slice.ts';
import { type Line, openLine } from './support.ts';

function pieces({ writes }: Line): [text: string, at: number][] {
  return writes.map(({ at, data }) => [data.toString(), at]);
}

function sizes({ writes }: Line): number[] {
  return writes.map(({ data }) => data.length);
}

describe('slice', () => {
  test('cuts what comes into writes of at most so many bytes', () => {
    const { line } = openLine({ slice: { maxBytes: 2 } });
    line.send('hello');
    expect(pieces(line)).toEqual([
      ['he', 0],
      ['ll', 0],
      ['o', 0],
    ]);
  });

  test('writes the first at once, and each other one a gap later', () => {
    const { clock, line } = openLine({ slice: { maxBytes: 2, gapMilliseconds: 100 } });
    line.send('hello');
    clock.advance(1_000);
    expect(pieces(line)).toEqual([
      ['he', 0],
      ['ll', 100],
      ['o', 200],
    ]);
  });

  test('never waits for more bytes', () => {
    const { line } = openLine({ slice: { maxBytes: 100 } });
    line.send('a');
    line.send('b');
    expect(pieces(line)).toEqual([
      ['a', 0],
      ['b', 0],
    ]);
  });

  test('writes together what came in a gap', () => {
    const { clock, line } = openLine({ slice: { maxBytes: 4, gapMilliseconds: 100 } });
    for (const letter of 'abcdefg') line.send(letter);
    clock.advance(1_000);
    expect(pieces(line)).toEqual([
      ['a', 0],
      ['bcde', 100],
      ['fg', 200],
    ]);
  });

  test('keeps the gap between writes whose bytes came apart', () => {
    const { clock, line } = openLine({ slice: { maxBytes: 10, gapMilliseconds: 100 } });
    line.send('a');
    clock.advance(30);
    line.send('b');
    clock.advance(500);
    line.send('c');
    expect(pieces(line)).toEqual([
      ['a', 0],
      ['b', 100],
      ['c', 530],
    ]);
  });

  test('keeps to its schedule though timers are late', () => {
    const { clock, line } = openLine({ slice: { maxBytes: 1, gapMilliseconds: 3 } });
    clock.lateness = 2;
    line.send(Buffer.alloc(1_001));
    clock.advance(1_000 * 3 + 2);
    expect(line.received.length).toBe(1_001);
  });

  test('does not make up for a gap that was much too long', () => {
    const { clock, line } = openLine({ slice: { maxBytes: 1, gapMilliseconds: 50 } });
    clock.lateness = 1_000;
    line.send('abcd');
    clock.advance(50);
    clock.lateness = 0;
    clock.advance(1_000);
    expect(pieces(line).slice(0, 2)).toEqual([
      ['a', 0],
      ['b', 1_050],
    ]);
    clock.advance(100);
    const [, b = 0, c = 0, d = 0] = line.writes.map(({ at }) => at);
    expect(c - b).toBeGreaterThanOrEqual(40);
    expect(d - c).toBe(50);
  });

  test('ends behind the last write', () => {
    const { clock, line } = openLine({ slice: { maxBytes: 2, gapMilliseconds: 100 } });
    line.send('hello');
    line.end();
    clock.advance(199);
    expect(line.endedAt).toBeUndefined();
    clock.advance(1);
    expect(line.text).toBe('hello');
    expect(line.endedAt).toBe(200);
  });

  test('passes the end at once when nothing is held', () => {
    const { line } = openLine({ slice: { maxBytes: 2, gapMilliseconds: 100 } });
    line.send('he');
    line.end();
    expect(line.endedAt).toBe(0);
  });

  test('varies lengths between maxBytes - varianceBytes and maxBytes', () => {
    const { line } = openLine({ slice: { maxBytes: 10, varianceBytes: 3 } });
    line.send(Buffer.alloc(1_000));
    expect(new Set(sizes(line).slice(0, -1))).toEqual(new Set([7, 8, 9, 10]));
  });

  test('draws them from the seed', () => {
    const drawn = [1, 1, 2].map((seed) => {
      const { line } = openLine({ slice: { maxBytes: 10, varianceBytes: 9 } }, { seed });
      line.send(Buffer.alloc(1_000));
      return sizes(line);
    });
    expect(drawn[0]).toEqual(drawn[1]);
    expect(drawn[0]).not.toEqual(drawn[2]);
  });

  test('reads no more than it needs for the next write', () => {
    const { harness, clock, line } = openLine({ slice: { maxBytes: 10, gapMilliseconds: 100 } });
    for (let sent = 0; sent < 100; sent += 1) line.send('abc');
    expect(harness.held).toBeLessThanOrEqual(12);
    expect(line.unread).toBeGreaterThanOrEqual(280);
    clock.advance(1_000);
    // A write may make room for the next read before it returns.
    expect(clock.waiting).toBe(1);
    clock.advance(100 * 100);
    expect(line.text).toBe('abc'.repeat(100));
    // Ten bytes every 100 ms, but for the first write, which could only take what was there.
    expect(line.writes.at(-1)?.at).toBe(3_000);
  });

  test('gives way to others in the middle of many small writes', () => {
    const { clock, line } = openLine({ slice: { maxBytes: 1 } });
    line.send(Buffer.alloc(2 ** 16));
    expect(line.writes.length).toBeLessThanOrEqual(256);
    clock.advance(1_000);
    expect(line.writes.length).toBe(2 ** 16);
  });

  test('neither loses nor reorders, and keeps to its lengths and its gaps', () => {
    const step = fc.record({
      bytes: fc.uint8Array({ minLength: 1, maxLength: 60 }),
      pause: fc.nat({ max: 30 }),
    });
    const settings = fc
      .record({
        maxBytes: fc.integer({ min: 1, max: 20 }),
        varianceBytes: fc.nat({ max: 19 }),
        gapMilliseconds: fc.nat({ max: 20 }),
      })
      .filter(({ maxBytes, varianceBytes }) => varianceBytes < maxBytes);
    const property = fc.property(
      fc.array(step, { maxLength: 30, size: 'max' }),
      settings,
      (steps, faults) => {
        const { clock, line } = openLine({ slice: faults });
        for (const { bytes, pause } of steps) {
          line.send(bytes);
          clock.advance(pause);
        }
        line.end();
        clock.advance(1e6);
        expect(line.received).toEqual(Buffer.concat(steps.map(({ bytes }) => bytes)));
        expect(line.endedAt).toBeDefined();
        for (const [index, { at, data }] of line.writes.entries()) {
          expect(data.length).toBeLessThanOrEqual(faults.maxBytes);
          const before = line.writes[index - 1];
          if (before !== undefined) {
            expect(at - before.at).toBeGreaterThanOrEqual(faults.gapMilliseconds);
          }
        }
      },
    );
    fc.assert(property);
  });

  describe('when the faults change', () => {
    test('the rest leaves at once and in order if it is lifted', () => {
      const { harness, clock, line } = openLine({ slice: { maxBytes: 2, gapMilliseconds: 100 } });
      line.send('hello');
      line.send(' world');
      clock.advance(100);
      harness.setFaults({});
      expect(line.text).toBe('hello world');
      expect(clock.waiting).toBe(0);
    });

    test('the rest is split again if the lengths are others', () => {
      const { harness, clock, line } = openLine({ slice: { maxBytes: 2, gapMilliseconds: 100 } });
      line.send('hello world');
      clock.advance(100);
      harness.setFaults({ slice: { maxBytes: 5 } });
      expect(pieces(line)).toEqual([
        ['he', 0],
        ['ll', 100],
        ['o wor', 100],
        ['ld', 100],
      ]);
    });

    test('the end keeps its place', () => {
      const { harness, line } = openLine({ slice: { maxBytes: 2, gapMilliseconds: 100 } });
      line.send('hello');
      line.end();
      harness.setFaults({});
      expect(line.text).toBe('hello');
      expect(line.endedAt).toBe(0);
    });

    test('bytes that were changed and bytes that were not never leave as one chunk', () => {
      const slow = { maxBytes: 4, gapMilliseconds: 100 };
      const { harness, clock, line } = openLine({ corrupt: {}, slice: slow });
      line.send('abcdefghij');
      harness.setFaults({ slice: slow });
      line.send('kl');
      clock.advance(100);
      expect(sizes(line)).toEqual([4, 4, 2, 2]);
      expect(line.text.endsWith('kl')).toBe(true);
    });
  });

  test.each([
    [{}],
    [{ maxBytes: 0 }],
    [{ maxBytes: 2 ** 20 + 1 }],
    [{ maxBytes: 1, gapMilliseconds: -1 }],
    [{ maxBytes: 1, gapMilliseconds: 3_600_001 }],
  ])('does not take %j', (settings) => {
    expect(slice.schema.safeParse(settings).success).toBe(false);
  });

  test('does not take a variance that leaves nothing to write', () => {
    const { error } = slice.schema.safeParse({ maxBytes: 5, varianceBytes: 5 });
    expect(error?.issues.map(({ message }) => message)).toEqual([
      'varianceBytes must be smaller than maxBytes: lower it, or raise maxBytes',
    ]);
  });

  test.each([
    [{ maxBytes: 40 }, 'slice 40B'],
    [{ maxBytes: 40, varianceBytes: 10 }, 'slice 30-40B'],
    [{ maxBytes: 40, gapMilliseconds: 5 }, 'slice 40B every 5ms'],
  ])('%j reads: %s', (settings, text) => {
    expect(slice.describe(slice.schema.parse(settings))).toBe(text);
  });
});

test('slice keeps what waits for the receiver in one piece', () => {
  const { harness, line, clock } = openLine({ slice: { maxBytes: 1 } });
  line.block();
  line.send('x'.repeat(10_000));
  // The receiver has one write.
  expect(harness.memory).toBeLessThan(10_000 + 3 * CHUNK_COST);
  line.unblock();
  clock.advance(1_000);
  expect(line.writes).toHaveLength(10_000);
  expect(harness.held).toBe(0);
});
