import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { coalesce } from '../../../../src/gate/faults/coalesce.ts';
import { GateHarness, type Line, openLine } from './support.ts';

function texts({ writes }: Line): string[] {
  return writes.map(({ data }) => data.toString());
}

describe('coalesce', () => {
  test('holds bytes until there are enough, then writes all of them at once', () => {
    const { harness, line } = openLine({ coalesce: { minBytes: 10 } });
    line.send('12345678');
    expect(texts(line)).toEqual([]);
    expect(harness.held).toBe(8);
    line.send('9abcdefghijklmnop');
    expect(texts(line)).toEqual(['123456789abcdefghijklmnop']);
    expect(harness.held).toBe(0);
  });

  test('starts over after each write', () => {
    const { line } = openLine({ coalesce: { minBytes: 2 } });
    for (const letter of 'abcde') line.send(letter);
    expect(texts(line)).toEqual(['ab', 'cd']);
  });

  test('writes what is there when the first byte has waited long enough', () => {
    const { clock, line } = openLine({ coalesce: { minBytes: 10, maxWaitMilliseconds: 100 } });
    line.send('a');
    clock.advance(60);
    line.send('b');
    clock.advance(39);
    expect(texts(line)).toEqual([]);
    clock.advance(1);
    expect(texts(line)).toEqual(['ab']);
    line.send('c');
    clock.advance(99);
    expect(texts(line)).toEqual(['ab']);
    clock.advance(1);
    expect(texts(line)).toEqual(['ab', 'c']);
    expect(clock.waiting).toBe(0);
  });

  test('leaves no timer behind when there were enough bytes in time', () => {
    const { clock, line } = openLine({ coalesce: { minBytes: 2, maxWaitMilliseconds: 100 } });
    line.send('a');
    line.send('b');
    expect(clock.waiting).toBe(0);
  });

  test('waits a minute if it is not told how long', () => {
    const { clock, line } = openLine({ coalesce: { minBytes: 10 } });
    line.send('a');
    clock.advance(59_999);
    expect(texts(line)).toEqual([]);
    clock.advance(1);
    expect(texts(line)).toEqual(['a']);
  });

  test('writes what is there when the sender is done, then the end', () => {
    const { line } = openLine({ coalesce: { minBytes: 10 } });
    line.send('a');
    line.send('b');
    line.end();
    expect(texts(line)).toEqual(['ab']);
    expect(line.endedAt).toBe(0);
  });

  test('passes the end of a sender that sent nothing', () => {
    const { line } = openLine({ coalesce: { minBytes: 10 } });
    line.end();
    expect(texts(line)).toEqual([]);
    expect(line.endedAt).toBe(0);
  });

  test('has enough when the gate may hold no more', () => {
    const { line } = openLine({ coalesce: { minBytes: 5_000 } }, { connectionBytes: 1_000 });
    line.send(Buffer.alloc(600));
    expect(line.writes.length).toBe(0);
    line.send(Buffer.alloc(600));
    expect(line.writes.map(({ data }) => data.length)).toEqual([1_200]);
  });

  test('reads no more than that for a receiver that does not read', () => {
    const { line } = openLine({ coalesce: { minBytes: 1_000 } });
    line.block();
    for (let sent = 0; sent < 100; sent += 1) line.send(Buffer.alloc(100));
    // One write fills the receiver's buffer, another waits in the gate.
    expect(line.received.length).toBe(1_000);
    expect(line.unread).toBe(8_000);
    line.unblock();
    expect(line.received.length).toBe(10_000);
  });

  test('neither loses, nor reorders, nor holds back more than it must', () => {
    const step = fc.record({
      bytes: fc.uint8Array({ minLength: 1, maxLength: 40 }),
      pause: fc.nat({ max: 60 }),
    });
    const property = fc.property(
      fc.array(step, { maxLength: 40, size: 'max' }),
      fc.integer({ min: 1, max: 100 }),
      fc.integer({ min: 1, max: 200 }),
      (steps, minBytes, maxWaitMilliseconds) => {
        const { clock, line } = openLine({ coalesce: { minBytes, maxWaitMilliseconds } });
        const arrivals: number[] = [];
        for (const { bytes, pause } of steps) {
          line.send(bytes);
          arrivals.push(...Array.from(bytes, () => clock.monotonic()));
          clock.advance(pause);
        }
        line.end();
        expect(line.received).toEqual(Buffer.concat(steps.map(({ bytes }) => bytes)));
        let left = 0;
        for (const { at, data } of line.writes) {
          const first = arrivals[left] ?? Number.NaN;
          left += data.length;
          const isDone = left === arrivals.length;
          expect(at - first).toBeLessThanOrEqual(maxWaitMilliseconds);
          if (data.length < minBytes && !isDone) expect(at - first).toBe(maxWaitMilliseconds);
        }
      },
    );
    fc.assert(property);
  });

  describe('when the faults change', () => {
    test('held bytes leave at once if it is lifted', () => {
      const { harness, clock, line } = openLine({ coalesce: { minBytes: 10 } });
      line.send('a');
      line.send('b');
      harness.setFaults({});
      expect(line.text).toBe('ab');
      expect(clock.waiting).toBe(0);
    });

    test('held bytes leave in one write if they are enough now', () => {
      const { harness, line } = openLine({ coalesce: { minBytes: 10 } });
      for (const letter of 'abc') line.send(letter);
      harness.setFaults({ coalesce: { minBytes: 3 } });
      expect(texts(line)).toEqual(['abc']);
    });

    test('their time goes on from when they came', () => {
      const { harness, clock, line } = openLine({ coalesce: { minBytes: 10 } });
      line.send('a');
      clock.advance(30);
      line.send('b');
      clock.advance(30);
      harness.setFaults({ coalesce: { minBytes: 10, maxWaitMilliseconds: 100 } });
      clock.advance(39);
      expect(texts(line)).toEqual([]);
      clock.advance(1);
      expect(texts(line)).toEqual(['ab']);
    });

    test('held bytes leave in one write if their time is over now', () => {
      const { harness, clock, line } = openLine({ coalesce: { minBytes: 10 } });
      for (const letter of 'abc') line.send(letter);
      clock.advance(1_000);
      harness.setFaults({ coalesce: { minBytes: 10, maxWaitMilliseconds: 100 } });
      clock.advance(0);
      expect(texts(line)).toEqual(['abc']);
    });

    test('bytes that were changed and bytes that were not are never taken for one another', () => {
      const { harness, line } = openLine({ corrupt: {}, coalesce: { minBytes: 4 } });
      line.send('ab');
      harness.setFaults({ coalesce: { minBytes: 4 } });
      line.send('cd');
      expect(line.writes.map(({ data }) => data.length)).toEqual([2, 2]);
      expect(line.text.endsWith('cd')).toBe(true);
    });
  });

  test.each([
    [{}],
    [{ minBytes: 0 }],
    [{ minBytes: 16 * 2 ** 20 + 1 }],
    [{ minBytes: 1, maxWaitMilliseconds: 0 }],
    [{ minBytes: 1, maxWaitMilliseconds: 3_600_001 }],
  ])('does not take %j', (settings) => {
    expect(coalesce.schema.safeParse(settings).success).toBe(false);
  });

  test('is described by its bounds', () => {
    const settings = coalesce.schema.parse({ minBytes: 10, maxWaitMilliseconds: 500 });
    expect(coalesce.describe(settings)).toBe('coalesce 10B within 500ms');
  });
});

test('coalesce lets go what it has gathered when the process is short of memory', () => {
  const harness = new GateHarness({ coalesce: { minBytes: 1_000_000 } }, { processBytes: 30_000 });
  const line = harness.open();
  line.send('x'.repeat(9_000));
  expect(line.text).toBe('');
  line.send('x'.repeat(9_000));
  expect(line.text).toHaveLength(18_000);
});
