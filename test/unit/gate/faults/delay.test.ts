import { expect, test } from 'vitest';
import { GateHarness, openLine } from './support.ts';

test('each run of bytes leaves that long after it came, and the end behind them', () => {
  const { clock, line } = openLine({ delay: { milliseconds: 300 } });
  line.send('a');
  clock.advance(100);
  line.send('b');
  line.end();
  clock.advance(199);
  expect(line.text).toBe('');
  clock.advance(1_000);
  expect(line.writes.map(({ at, data }) => [at, data.toString()])).toEqual([
    [300, 'a'],
    [400, 'b'],
  ]);
  expect(line.endedAt).toBe(400);
});

test('lifted, it releases at once what it held; a longer one counts from the arrival', () => {
  const harness = new GateHarness({ delay: { milliseconds: 300 } });
  const line = harness.open();
  line.send('a');
  harness.clock.advance(100);
  harness.setFaults({ delay: { milliseconds: 500 } });
  harness.clock.advance(399);
  expect(line.text).toBe('');
  harness.clock.advance(1);
  expect(line.text).toBe('a');
  line.send('b');
  harness.setFaults({});
  expect(line.text).toBe('ab');
  expect(harness.held).toBe(0);
  expect(harness.clock.waiting).toBe(0);
});

test('jitter is drawn by the seed and the place in the stream, and never changes the order', () => {
  const arrivals = (seed: number) => {
    const faults = { delay: { milliseconds: 100, jitterMilliseconds: 100 } };
    const { clock, line } = openLine(faults, { seed });
    for (let index = 0; index < 50; index += 1) {
      line.send(String.fromCharCode(33 + index));
      clock.advance(20);
    }
    clock.advance(1_000);
    return line.writes.map(({ at, data }) => [at, data.toString()] as const);
  };
  const first = arrivals(1);
  expect(arrivals(1)).toEqual(first);
  expect(arrivals(2)).not.toEqual(first);
  expect(first.map(([, text]) => text.charCodeAt(0) - 33)).toEqual(first.map((_, index) => index));
  for (const [index, [at]] of first.entries()) {
    expect(at - 20 * index).toBeGreaterThanOrEqual(0);
    expect(at - 20 * index).toBeLessThan(200);
  }
});
