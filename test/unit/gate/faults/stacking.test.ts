import { describe, expect, test } from 'vitest';
import { type FaultName, faults } from '../../../../src/gate/faults/registry.ts';
import { OUTCOMES, type Outcome } from './pairs.ts';
import { type Faults, openLine, type Write } from './support.ts';

const SETTINGS = {
  stall: {},
  drop: {},
  closeOnData: { how: 'Reset' },
  limitTime: { milliseconds: 300 },
  limitIdle: { milliseconds: 200, how: 'Reset' },
  limitBytes: { bytes: 5 },
  substitute: [{ pattern: 'hello', replacement: 'HI' }],
  corrupt: {},
  coalesce: { minBytes: 8 },
  delay: { milliseconds: 100 },
  bandwidth: { bytesPerSecond: 100 },
  slice: { maxBytes: 4, gapMilliseconds: 20 },
} as const satisfies Faults;

const NAMES = Object.keys(faults) as FaultName[];
const PAIRS = NAMES.flatMap((first, index) =>
  NAMES.slice(index + 1).map((second) => ({ first, second, outcome: OUTCOMES[first]?.[second] })),
);

function expectWrites(writes: readonly Write[], expected: Outcome['writes'], isCorrupt: boolean) {
  if (!isCorrupt) {
    expect(writes.map(({ data, at }) => [data.toString('latin1'), at])).toEqual(expected);
    return;
  }
  expect(writes.map(({ data, at }) => [data.length, at])).toEqual(
    expected.map(([text, at]) => [text.length, at]),
  );
  const sent = Buffer.from(expected.map(([text]) => text).join(''));
  const received = Buffer.concat(writes.map(({ data }) => data));
  expect(received.filter((byte, at) => byte === sent[at])).toHaveLength(0);
}

describe('two faults in one direction', () => {
  test.each(PAIRS)('$first and $second: $outcome.says', ({ first, second, outcome }) => {
    if (outcome === undefined) throw new Error(`No outcome is stated for ${first} and ${second}`);
    const both = { ...SETTINGS, ...outcome.settings };
    // The order in which they are written does not matter.
    const { clock, line } = openLine({ [second]: both[second], [first]: both[first] });
    line.send('hello ');
    clock.advance(50);
    line.send('world');
    clock.advance(2_000);
    expectWrites(line.writes, outcome.writes, first === 'corrupt' || second === 'corrupt');
    expect(line.closed).toEqual(outcome.closed);
  });

  test('lifted first, a stall or a drop lets the other have what comes from then on', () => {
    const { harness, clock, line } = openLine({
      stall: {},
      drop: {},
      delay: { milliseconds: 100 },
    });
    line.send('held, ');
    harness.setFaults({ drop: {}, delay: { milliseconds: 100 } });
    line.send('dropped, ');
    harness.setFaults({ delay: { milliseconds: 100 } });
    line.send('delayed');
    clock.advance(1_000);
    expect(line.writes.map(({ data, at }) => [data.toString(), at])).toEqual([['delayed', 100]]);
  });
});

test('all faults that keep bytes at once bring each byte, in order, with the end behind them', () => {
  const { clock, line } = openLine({
    limitTime: { milliseconds: 100_000 },
    limitIdle: { milliseconds: 100_000 },
    limitBytes: { bytes: 100_000 },
    coalesce: { minBytes: 8 },
    delay: { milliseconds: 100, jitterMilliseconds: 50 },
    bandwidth: { bytesPerSecond: 1_000, scope: 'Gate' },
    slice: { maxBytes: 4, varianceBytes: 3, gapMilliseconds: 1 },
  });
  const sent = Array.from({ length: 200 }, (_, index) => `${index},`);
  for (const text of sent) {
    line.send(text);
    clock.advance(3);
  }
  line.end();
  clock.advance(10_000);
  expect(line.text).toBe(sent.join(''));
  expect(line.endedAt).toBeGreaterThan(600);
  expect(line.closed).toBeUndefined();
});
