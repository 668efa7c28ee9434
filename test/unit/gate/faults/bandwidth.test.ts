import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GateHarness, type Line, openLine } from './support.ts';

function pieces({ writes }: Line): [bytes: number, at: number][] {
  return writes.map(({ at, data }) => [data.length, at]);
}

/** Keeps so many bytes of the sender waiting at the gate, step by step, for so long. */
function keepSending(
  harness: GateHarness,
  lines: readonly Line[],
  milliseconds: number,
  step = 1,
): void {
  const chunk = Buffer.alloc(65_536);
  for (let passed = 0; passed < milliseconds; passed += step) {
    for (const line of lines) while (line.unread < 10 * chunk.length) line.send(chunk);
    harness.clock.advance(step);
  }
}

describe('bandwidth', () => {
  test('a piece leaves when the link has carried its last byte', () => {
    const { clock, line } = openLine({ bandwidth: { bytesPerSecond: 1_000 } });
    line.send('x'.repeat(120));
    clock.advance(10_000);
    expect(pieces(line)).toEqual([
      [50, 50],
      [50, 100],
      [20, 120],
    ]);
  });

  test('two bytes per second are one byte every half second', () => {
    const { clock, line } = openLine({ bandwidth: { bytesPerSecond: 2 } });
    line.send('hello');
    clock.advance(10_000);
    expect(pieces(line)).toEqual([500, 1_000, 1_500, 2_000, 2_500].map((at) => [1, at]));
  });

  test.each([
    [19, 1],
    [20, 1],
    [39, 1],
    [100, 5],
    [319, 15],
    [580, 29],
    [1_999, 99],
    [2_000_000, 65_536],
  ])(
    'at %d bytes per second a piece has %d: no more than a twentieth of a second, no more than 64 KiB',
    (bytesPerSecond, bytes) => {
      const { clock, line } = openLine({ bandwidth: { bytesPerSecond } });
      line.send(Buffer.alloc(10 * bytes));
      clock.advance(10_000);
      expect(line.writes.map(({ data }) => data.length)).toEqual(Array(10).fill(bytes));
    },
  );

  test('behind a burst the pieces are as small', () => {
    const { clock, line } = openLine({ bandwidth: { bytesPerSecond: 2, burstBytes: 4 } });
    line.send('hello!');
    clock.advance(10_000);
    expect(pieces(line)).toEqual([
      [4, 0],
      [1, 500],
      [1, 1_000],
    ]);
  });

  test('a burst is not a write for each piece', () => {
    const faults = { bandwidth: { bytesPerSecond: 1, burstBytes: 2 ** 20 } };
    const { line } = openLine(faults);
    line.send(Buffer.alloc(2 ** 20));
    expect(line.length).toBe(2 ** 20);
    expect(line.writes.length).toBeLessThan(100);
  });

  test('joins what came in small pieces', () => {
    const { clock, line } = openLine({ bandwidth: { bytesPerSecond: 1_000 } });
    for (const letter of 'x'.repeat(100)) line.send(letter);
    clock.advance(10_000);
    expect(pieces(line)).toEqual([
      [1, 1],
      [50, 51],
      [49, 100],
    ]);
  });

  test('a pause saves nothing up without a burst', () => {
    const { clock, line } = openLine({ bandwidth: { bytesPerSecond: 1_000 } });
    clock.advance(10_000);
    line.send('x'.repeat(50));
    clock.advance(49);
    expect(line.text).toBe('');
    clock.advance(1);
    expect(line.received).toHaveLength(50);
  });

  test('a burst leaves at once, and a pause fills it up again at the rate', () => {
    const { clock, line } = openLine({ bandwidth: { bytesPerSecond: 1_000, burstBytes: 100 } });
    line.send('x'.repeat(150));
    expect(line.received).toHaveLength(100);
    clock.advance(50);
    expect(line.received).toHaveLength(150);
    clock.advance(30);
    line.send('y'.repeat(40));
    expect(line.text.endsWith('y')).toBe(false);
    clock.advance(10);
    expect(line.text.endsWith('y'.repeat(40))).toBe(true);
    clock.advance(10_000);
    line.send('z'.repeat(100));
    expect(line.text.endsWith('z'.repeat(100))).toBe(true);
  });

  test.each([1_000, 4_567, 65_536, 1_000_000, 12_345_678, 100_000_000])(
    'is right within 2 percent over 5 seconds at %d bytes per second, with late timers',
    (bytesPerSecond) => {
      const { harness, clock, line } = openLine(
        { bandwidth: { bytesPerSecond } },
        { connectionBytes: 2 ** 24 },
      );
      clock.lateness = 0.9;
      keepSending(harness, [line], 5_000);
      expect(line.length / 5 / bytesPerSecond).toBeGreaterThan(0.98);
      expect(line.length / 5 / bytesPerSecond).toBeLessThan(1.02);
    },
  );

  test('makes up for a timer that was late, and not for a pause of the sender', () => {
    const { harness, clock, line } = openLine({ bandwidth: { bytesPerSecond: 1_000 } });
    line.send('x'.repeat(1_000));
    clock.advance(100);
    clock.lateness = 300;
    clock.advance(650);
    clock.lateness = 0;
    clock.advance(250);
    expect(line.received).toHaveLength(1_000);
    expect(harness.held).toBe(0);
  });

  test('reads ahead a little, and the sender is held back from there on', () => {
    const { harness, clock, line } = openLine({ bandwidth: { bytesPerSecond: 100_000 } });
    for (let sent = 0; sent < 10; sent += 1) line.send('x'.repeat(1_500));
    expect(harness.held).toBe(10_500);
    expect(line.unread).toBe(4_500);
    clock.advance(1_000);
    expect(line.received).toHaveLength(15_000);
  });

  test('the end comes behind the last byte', () => {
    const { clock, line } = openLine({ bandwidth: { bytesPerSecond: 1_000 } });
    line.send('x'.repeat(100));
    line.end();
    clock.advance(10_000);
    expect(line.endedAt).toBe(100);
  });

  test('lifted, it releases at once what it held', () => {
    const { harness, clock, line } = openLine({ bandwidth: { bytesPerSecond: 1_000 } });
    line.send('abc'.repeat(100));
    line.end();
    clock.advance(70);
    harness.setFaults({});
    expect(line.text).toBe('abc'.repeat(100));
    expect(line.endedAt).toBe(70);
    expect([harness.held, clock.waiting]).toEqual([0, 0]);
  });

  test('keeps the link busy behind a delay, and takes no more than it carries in that time', () => {
    const faults = { delay: { milliseconds: 1_000 }, bandwidth: { bytesPerSecond: 1_000_000 } };
    const { harness, line } = openLine(faults, { connectionBytes: 2 ** 24 });
    keepSending(harness, [line], 1_000);
    // What the link carries in a second, the tenth of it that is read ahead, and one read.
    expect(harness.held).toBeLessThanOrEqual(1_100_000 + 65_536);
    keepSending(harness, [line], 5_000);
    expect(line.length / 5_000_000).toBeGreaterThan(0.98);
    expect(line.length / 5_000_000).toBeLessThan(1.02);
  });

  test('each connection has its own by default', () => {
    const harness = new GateHarness({ bandwidth: { bytesPerSecond: 10_000 } });
    const lines = [harness.open(), harness.open()];
    keepSending(harness, lines, 2_000);
    for (const { length } of lines) expect(length / 20_000).toBeCloseTo(1, 1);
  });

  test('neither loses nor reorders, and never sends faster than its rate and burst allow', () => {
    const sends = fc.array(
      fc.record({ wait: fc.nat(200), length: fc.integer({ min: 1, max: 400 }) }),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20_000 }),
        fc.nat(500),
        sends,
        (bytesPerSecond, burstBytes, steps) => {
          const { clock, line } = openLine({ bandwidth: { bytesPerSecond, burstBytes } });
          let sent = '';
          for (const { wait, length } of steps) {
            clock.advance(wait);
            const data = String.fromCharCode(33 + (sent.length % 90)).repeat(length);
            line.send(data);
            sent += data;
          }
          clock.advance((sent.length / bytesPerSecond) * 1_000 + 1);
          expect(line.text).toBe(sent);
          let passed = 0;
          for (const { at, data } of line.writes) {
            passed += data.length;
            expect(passed).toBeLessThanOrEqual(burstBytes + (at / 1_000) * bytesPerSecond + 1e-6);
          }
        },
      ),
    );
  });
});

describe('bandwidth with scope Gate', () => {
  const shared = (bytesPerSecond: number) =>
    ({ bandwidth: { bytesPerSecond, scope: 'Gate' } }) as const;

  test.each([2, 10, 200])('%d connections share it fairly, and use all of it', (count) => {
    const harness = new GateHarness(shared(1_000_000), { connectionBytes: 2 ** 24 });
    const lines = Array.from({ length: count }, () => harness.open());
    keepSending(harness, lines, 5_000, 5);
    const totals = lines.map(({ length }) => length);
    const total = totals.reduce((sum, bytes) => sum + bytes);
    expect(total / 5_000_000).toBeGreaterThan(0.98);
    expect(total / 5_000_000).toBeLessThan(1.02);
    expect(Math.min(...totals) / Math.max(...totals)).toBeGreaterThan(0.95);
  });

  test('those that send take turns with pieces of their share, a byte each in the end', () => {
    for (const [bytesPerSecond, bytes] of [
      [2, 1],
      [600, 10],
    ] as const) {
      const harness = new GateHarness(shared(bytesPerSecond));
      const lines = [harness.open(), harness.open(), harness.open()];
      for (const line of lines) line.send('x'.repeat(10 * bytes));
      harness.clock.advance(60_000);
      const writes = lines.flatMap((line) => pieces(line)).toSorted(([, a], [, b]) => a - b);
      // The first came when it was alone.
      const after = writes.slice(1);
      expect(Math.max(...after.map(([length]) => length))).toBe(bytes);
      expect(writes.at(-1)?.[1]).toBeCloseTo((30 * bytes * 1_000) / bytesPerSecond);
      for (const line of lines) expect(line.length).toBe(10 * bytes);
    }
  });

  test('shares evenly what a late timer missed, in few writes', () => {
    const harness = new GateHarness(shared(6_000));
    const lines = [harness.open(), harness.open(), harness.open()];
    for (const line of lines) line.send('x'.repeat(4_000));
    harness.clock.advance(100);
    const written = () => lines.reduce((sum, { writes }) => sum + writes.length, 0);
    const before = written();
    harness.clock.lateness = 490;
    harness.clock.advance(500);
    harness.clock.lateness = 0;
    harness.clock.advance(60);
    expect(written() - before).toBeLessThan(15);
    harness.clock.advance(340);
    const lengths = lines.map(({ length }) => length);
    expect(lengths.reduce((sum, length) => sum + length)).toBeGreaterThan(5_890);
    expect(Math.max(...lengths) - Math.min(...lengths)).toBeLessThanOrEqual(100);
  });

  test('many that send do not mean a write for each byte', () => {
    const harness = new GateHarness(shared(100_000), { connectionBytes: 2 ** 24 });
    const lines = Array.from({ length: 3_000 }, () => harness.open());
    for (const line of lines) line.send(Buffer.alloc(1_000));
    harness.clock.advance(1_000);
    const writes = lines.reduce((sum, line) => sum + line.writes.length, 0);
    expect(writes).toBeGreaterThan(3_000);
    expect(writes).toBeLessThan(21_000);
  });

  test('a connection that pauses, ends or does not take its bytes leaves its share to the others', () => {
    const harness = new GateHarness(shared(100_000));
    const [busy, silent, ended, blocked] = [
      harness.open(),
      harness.open(),
      harness.open(),
      harness.open(),
    ];
    ended.end();
    blocked.block();
    keepSending(harness, [busy, blocked], 2_000);
    const before = busy.length;
    keepSending(harness, [busy], 1_000);
    expect((busy.length - before) / 100_000).toBeCloseTo(1, 1);
    expect(silent.text).toBe('');
  });

  test('a connection that closes leaves its turn to the next one', () => {
    const harness = new GateHarness(shared(1_000));
    const [first, second] = [harness.open(), harness.open()];
    first.send('x'.repeat(50));
    second.send('y'.repeat(50));
    harness.clock.advance(10);
    first.connection.close('Reset', 'Disconnected');
    harness.clock.advance(49);
    expect(second.text).toBe('');
    harness.clock.advance(1);
    expect(second.text).toBe('y'.repeat(50));
    expect(first.text).toBe('');
  });

  test('starts over when the faults of the direction change, and not otherwise', () => {
    const faults = {
      bandwidth: { bytesPerSecond: 1_000, burstBytes: 100, scope: 'Gate' },
    } as const;
    const harness = new GateHarness(faults);
    const [first, second] = [harness.open(), harness.open()];
    first.send('x'.repeat(100));
    expect(first.received).toHaveLength(100);
    harness.setFaults(faults);
    second.send('y');
    expect(second.text).toBe('');
    harness.setFaults({ ...faults, connectionsPercent: 99 });
    expect(second.text).toBe('y');
  });
});
