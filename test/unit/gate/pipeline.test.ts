import { describe, expect, test } from 'vitest';
import { gateConfig } from '../../../src/gate/config.ts';
import { Pipeline } from '../../../src/gate/pipeline.ts';
import { type Faults, HandClock } from './faults/support.ts';

const CONNECTION_BYTES = 2 ** 20;

function pipelineOf(faults: Faults): Pipeline {
  const upstream = { host: 'server', port: 1 };
  return new Pipeline(
    { config: gateConfig.parse({ upstream, toServer: faults }).toServer, shared: new Map() },
    {
      clock: new HandClock(),
      openedAt: 0,
      connectionBytes: CONNECTION_BYTES,
      random: () => () => 0.5,
      close() {},
    },
    {
      pass() {},
      end() {},
      closing() {},
      waiting: () => 0,
      allowance: () => 65_536,
      isShort: () => false,
      injected() {},
      run: (task) => task(),
    },
  );
}

describe('the bytes that the gate holds before it stops reading', () => {
  test.each([
    ['without a fault, as the receiver takes them', {}, undefined],
    ['with one that holds none, as well', { corrupt: {} }, undefined],
    ['under a stall none', { stall: {} }, 0],
    ['under a stall none, whatever else is set', { stall: {}, delay: { milliseconds: 1 } }, 0],
    ['under a delay all that it may', { delay: { milliseconds: 1_000 } }, CONNECTION_BYTES],
    ['under a bandwidth two pieces', { bandwidth: { bytesPerSecond: 10_000 } }, 1_000],
    ['thirty-two bytes at least', { bandwidth: { bytesPerSecond: 1 } }, 32],
    [
      'with both, what the bandwidth carries in that time too',
      { bandwidth: { bytesPerSecond: 10_000 }, delay: { milliseconds: 2_000 } },
      21_000,
    ],
    [
      'jitter counts',
      {
        bandwidth: { bytesPerSecond: 10_000 },
        delay: { milliseconds: 2_000, jitterMilliseconds: 1_000 },
      },
      31_000,
    ],
    ['what a coalesce gathers', { coalesce: { minBytes: 5_000 } }, 5_000],
    [
      'what it gathers on top of a bandwidth',
      { coalesce: { minBytes: 5_000 }, bandwidth: { bytesPerSecond: 10_000 } },
      6_000,
    ],
    [
      'slices with gaps limit the rate as well',
      { delay: { milliseconds: 1_000 }, slice: { maxBytes: 100, gapMilliseconds: 10 } },
      10_100,
    ],
    ['never more than it may', { coalesce: { minBytes: 16_777_216 } }, CONNECTION_BYTES],
  ] as const)('%s', (_, faults, window) => {
    expect(pipelineOf(faults).window).toBe(window);
  });
});
