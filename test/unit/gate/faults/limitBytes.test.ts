import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GateHarness, type Line, openLine } from './support.ts';

describe('limitBytes', () => {
  test.each([
    { name: 'fewer bytes pass, and nothing is closed', sent: ['hell'], text: 'hell', isOpen: true },
    { name: 'exactly as many close', sent: ['hello'], text: 'hello', isOpen: false },
    { name: 'of more the first ones pass', sent: ['hello world'], text: 'hello', isOpen: false },
    { name: 'reads do not matter', sent: ['he', 'l', 'low', 'x'], text: 'hello', isOpen: false },
  ])('$name', ({ sent, text, isOpen }) => {
    const { line } = openLine({ limitBytes: { bytes: 5 } });
    for (const data of sent) line.send(data);
    expect(line.text).toBe(text);
    expect(line.closed === undefined).toBe(isOpen);
  });

  test('0 bytes: closes on the first one that comes, and nothing passes', () => {
    const { clock, line } = openLine({ limitBytes: { bytes: 0 } });
    clock.advance(1_000);
    expect(line.closed).toBeUndefined();
    line.send('a');
    expect(line.closed).toEqual({ how: 'Fin', at: 1_000 });
    expect(line.text).toBe('');
  });

  test('the end of the stream passes below the limit', () => {
    const { line } = openLine({ limitBytes: { bytes: 5 } });
    line.send('hell');
    line.end();
    expect(line.endedAt).toBe(0);
    expect(line.closed).toBeUndefined();
  });

  test.each([
    { name: 'delay', faults: { delay: { milliseconds: 300 } }, at: 300 },
    { name: 'bandwidth', faults: { bandwidth: { bytesPerSecond: 100 } }, at: 50 },
    { name: 'slice', faults: { slice: { maxBytes: 1, gapMilliseconds: 10 } }, at: 40 },
    { name: 'coalesce', faults: { coalesce: { minBytes: 100 } }, at: 0 },
    {
      name: 'all of them',
      faults: {
        coalesce: { minBytes: 2 },
        delay: { milliseconds: 300 },
        bandwidth: { bytesPerSecond: 100 },
        slice: { maxBytes: 1, gapMilliseconds: 10 },
      },
      at: 390,
    },
  ])('the close comes behind the bytes that $name holds', ({ faults, at }) => {
    const { clock, line } = openLine({ limitBytes: { bytes: 5 }, ...faults });
    line.send('hello world');
    clock.advance(10_000);
    expect(line.text).toBe('hello');
    expect(line.closed).toEqual({ how: 'Fin', at });
  });

  test('the close waits for a receiver that does not read', () => {
    const { clock, line } = openLine({ limitBytes: { bytes: 5 } });
    line.block();
    line.send('he');
    line.send('llo world');
    clock.advance(1_000);
    expect(line.text).toBe('he');
    expect(line.closed).toBeUndefined();
    line.unblock();
    expect(line.text).toBe('hello');
    expect(line.closed).toEqual({ how: 'Fin', at: 1_000 });
  });

  test('a close that is on its way is final: what was behind it is gone', () => {
    const { harness, clock, line } = openLine({
      limitBytes: { bytes: 5 },
      delay: { milliseconds: 300 },
    });
    line.send('hello world');
    harness.setFaults({ delay: { milliseconds: 500 } });
    line.send(' and more');
    clock.advance(10_000);
    expect(line.text).toBe('hello');
    expect(line.closed).toEqual({ how: 'Fin', at: 500 });
  });

  test('a close that is on its way is held by a stall, and goes on when that is lifted', () => {
    const { harness, clock, line } = openLine({
      limitBytes: { bytes: 5 },
      delay: { milliseconds: 300 },
    });
    line.send('hello world');
    harness.setFaults({ stall: {} });
    clock.advance(1_000);
    expect(line.text).toBe('');
    expect(line.closed).toBeUndefined();
    harness.setFaults({});
    expect(line.text).toBe('hello');
    expect(line.closed?.at).toBe(1_000);
  });

  test('bytes that are held when the faults change count under the new ones', () => {
    const { harness, clock, line } = openLine({
      limitBytes: { bytes: 9 },
      delay: { milliseconds: 300 },
    });
    line.send('abcdef');
    harness.setFaults({ limitBytes: { bytes: 4 }, delay: { milliseconds: 300 } });
    clock.advance(10_000);
    expect(line.text).toBe('abcd');
    expect(line.closed?.at).toBe(300);
  });

  test('the count goes on with an equal configuration, and starts over with another one', () => {
    const { harness, line } = openLine({ limitBytes: { bytes: 5 } });
    line.send('abc');
    harness.setFaults({ limitBytes: { bytes: 5 } });
    line.send('d');
    harness.setFaults({ limitBytes: { bytes: 6 } });
    line.send('efghij');
    expect(line.text).toBe('abcdefghij');
    expect(line.closed).toBeDefined();
  });

  test('each connection has a count of its own by default', () => {
    const harness = new GateHarness({ limitBytes: { bytes: 5 } });
    const [first, second] = [harness.open(), harness.open()];
    first.send('hello');
    second.send('hell');
    expect(first.closed).toBeDefined();
    expect(second.closed).toBeUndefined();
  });
});

describe('limitBytes with scope Gate', () => {
  const limit = { bytes: 5, scope: 'Gate' } as const;
  const openPair = (
    faults: ConstructorParameters<typeof GateHarness>[0],
  ): [GateHarness, Line, Line] => {
    const harness = new GateHarness(faults);
    return [harness, harness.open(), harness.open()];
  };

  test('counts all connections together, and closes them all', () => {
    const [, first, second] = openPair({ limitBytes: limit });
    first.send('abc');
    expect([first.closed, second.closed]).toEqual([undefined, undefined]);
    second.send('defgh');
    expect([first.text, second.text]).toEqual(['abc', 'de']);
    expect([first.closed?.at, second.closed?.at]).toEqual([0, 0]);
  });

  test('outlives its connections, and starts over for those that come then', () => {
    const [harness, first, second] = openPair({ limitBytes: limit });
    first.send('abc');
    first.end();
    second.send('de');
    const third = harness.open();
    third.send('abcd');
    expect(third.closed).toBeUndefined();
    third.send('efg');
    expect(third.text).toBe('abcde');
    expect(third.closed).toBeDefined();
  });

  test('closes each behind its own bytes', () => {
    const [harness, first, second] = openPair({ limitBytes: limit, delay: { milliseconds: 300 } });
    first.send('abc');
    harness.clock.advance(100);
    second.send('defgh');
    harness.clock.advance(10_000);
    expect([first.text, second.text]).toEqual(['abc', 'de']);
    expect([first.closed?.at, second.closed?.at]).toEqual([400, 400]);
  });

  test('closes a connection whose sender has ended', () => {
    const [, first, second] = openPair({ limitBytes: limit });
    first.end();
    second.send('hello');
    expect(first.closed).toBeDefined();
  });

  test('closes it, too, when the faults change while the close is on its way', () => {
    const [harness, first, second] = openPair({ limitBytes: limit, delay: { milliseconds: 300 } });
    first.end();
    harness.clock.advance(300);
    expect(first.endedAt).toBe(300);
    second.send('hello');
    harness.setFaults({ delay: { milliseconds: 400 } });
    harness.clock.advance(10_000);
    expect([first.closed?.at, second.closed?.at]).toEqual([700, 700]);
  });

  test('closes connections that come to their held bytes later in the same change', () => {
    const [harness, first, second] = openPair({ delay: { milliseconds: 300 } });
    first.send('hello');
    second.send('world');
    harness.setFaults({ limitBytes: limit });
    expect([first.text, second.text]).toEqual(['hello', '']);
    expect([first.closed?.at, second.closed?.at]).toEqual([0, 0]);
    expect(harness.held).toBe(0);
  });

  test('starts over when the faults of the direction change, and not otherwise', () => {
    const [harness, first, second] = openPair({ limitBytes: limit });
    first.send('abc');
    harness.setFaults({ limitBytes: limit });
    second.send('d');
    harness.setFaults({ limitBytes: { ...limit, how: 'Reset' } });
    first.send('abcd');
    expect(first.closed).toBeUndefined();
  });

  test('lets exactly so many bytes pass between any two closes', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        fc.array(fc.tuple(fc.nat(3), fc.integer({ min: 1, max: 12 })), { maxLength: 60 }),
        (bytes, sends) => {
          const harness = new GateHarness({ limitBytes: { bytes, scope: 'Gate' } });
          let lines: Line[] = [];
          for (const [index, length] of sends) {
            if (lines.length === 0) lines = [0, 1, 2, 3].map(() => harness.open());
            lines[index]?.send('x'.repeat(length));
            const passed = lines.reduce((sum, line) => sum + line.text.length, 0);
            const closed = lines.filter((line) => line.closed !== undefined).length;
            expect(passed).toBeLessThanOrEqual(bytes);
            expect(closed).toBe(passed === bytes ? lines.length : 0);
            if (closed > 0) lines = [];
          }
        },
      ),
    );
  });
});

describe.each(['Fin', 'Reset'] as const)('once limitBytes %s has decided on the close', (how) => {
  const limitBytes = { bytes: 5, how } as const;

  test('nothing passes the other way while its last bytes are delayed', () => {
    const { clock, line } = openLine({ limitBytes, delay: { milliseconds: 300 } });
    line.answer('before');
    line.send('hello world');
    line.answer('after');
    line.endAnswer();
    clock.advance(10_000);
    expect([line.text, line.answered]).toEqual(['hello', 'before']);
    expect(line.closed).toEqual({ how, at: 300 });
  });

  test('nor while the receiver does not take them', () => {
    const { line } = openLine({ limitBytes });
    line.block();
    line.send('hello');
    line.answer('after');
    expect([line.answered, line.closed]).toEqual(['', undefined]);
    line.unblock();
    expect(line.closed?.how).toBe(how);
  });

  test('nor under other faults, nor without any', () => {
    const { harness, clock, line } = openLine({ limitBytes, delay: { milliseconds: 300 } });
    line.send('hello');
    harness.setFaults({ delay: { milliseconds: 500 } });
    line.answer('after');
    clock.advance(499);
    expect([line.text, line.answered, line.closed]).toEqual(['', '', undefined]);
    harness.setFaults({});
    expect([line.text, line.answered, line.closed?.how]).toEqual(['hello', '', how]);
  });

  test('what was held the other way is discarded, and its faults may still close', () => {
    const toClient = { delay: { milliseconds: 50 }, limitTime: { milliseconds: 200 } };
    const { harness, clock, line } = openLine(
      { limitBytes, delay: { milliseconds: 300 } },
      { toClient },
    );
    line.answer('held');
    line.send('hello');
    clock.advance(100);
    line.answer('after');
    expect([line.answered, harness.held]).toEqual(['', 5 + 'after'.length]);
    clock.advance(10_000);
    expect([line.text, line.answered, harness.held]).toEqual(['', '', 0]);
    expect(line.closed).toEqual({ how: 'Fin', at: 200 });
  });

  test('its last bytes pass also when the other direction comes to its limit meanwhile', () => {
    const { clock, line } = openLine(
      { limitBytes, delay: { milliseconds: 300 } },
      { toClient: { limitBytes: { bytes: 3, how: 'Fin' } } },
    );
    line.send('hello');
    line.answer('after');
    clock.advance(10_000);
    expect([line.text, line.answered]).toEqual(['hello', '']);
    expect(line.closed).toEqual({ how, at: 300 });
  });

  test('with scope Gate nothing passes the other way on any connection', () => {
    const harness = new GateHarness({
      limitBytes: { ...limitBytes, scope: 'Gate' },
      delay: { milliseconds: 300 },
    });
    const lines = [harness.open(), harness.open(), harness.open()] as const;
    const [first, second] = lines;
    first.send('abc');
    second.send('defg');
    for (const line of lines) line.answer('after');
    harness.clock.advance(10_000);
    expect(lines.map(({ text }) => text)).toEqual(['abc', 'de', '']);
    expect(lines.map(({ answered }) => answered)).toEqual(['', '', '']);
    expect(lines.map(({ closed }) => closed)).toEqual(lines.map(() => ({ how, at: 300 })));
  });
});

/** Closes of other faults come at once, whatever is held. */
test.each([
  ['closeOnData', { closeOnData: { how: 'Reset' } }],
  ['limitTime', { limitTime: { milliseconds: 100, how: 'Reset' } }],
  ['limitIdle', { limitIdle: { milliseconds: 100, how: 'Reset' } }],
] as const)('%s: nothing passes in either direction once it closes', (_, fault) => {
  const { harness, clock, line } = openLine(fault, { toClient: { delay: { milliseconds: 200 } } });
  line.answer('held');
  line.send('hello');
  clock.advance(150);
  const { text } = line;
  line.send('more');
  line.answer('more');
  clock.advance(10_000);
  expect([line.text, line.answered, line.closed?.how]).toEqual([text, '', 'Reset']);
  expect(harness.held).toBe(0);
});
