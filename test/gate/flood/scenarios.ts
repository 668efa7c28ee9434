import type { Scenario } from './scenario.ts';

const KIBIBYTE = 'x'.repeat(1_024);
const CONNECTIONS = 2_000;

type Case = Omit<Scenario, 'limit' | 'connections' | 'seconds' | 'name'>;

/** What 2,000 connections push into, in one direction. */
const CASES: Readonly<Record<string, Case>> = {
  'no fault': {},
  'no fault, both directions': { sender: 'both' },
  'a server that does not read': { receiver: 'hangs' },
  stall: { toServer: { stall: {} } },
  drop: { toServer: { drop: {} }, arrives: 'some' },
  closeOnData: { toServer: { closeOnData: {} }, arrives: 'some' },
  'limitTime 2 s': { toServer: { limitTime: { milliseconds: 2_000 } }, arrives: 'some' },
  'limitIdle 10 s': { toServer: { limitIdle: { milliseconds: 10_000 } } },
  'limitBytes 1 MB': { toServer: { limitBytes: { bytes: 1_000_000 } }, arrives: 'some' },
  'substitute 1 by 1,024': {
    toServer: { substitute: [{ pattern: '1', replacement: KIBIBYTE }] },
    text: '1',
    arrives: 'some',
  },
  'the same, and receivers that do not read': {
    toServer: { substitute: [{ pattern: '1', replacement: KIBIBYTE }] },
    receiver: 'hangs',
    text: '1',
    arrives: 'some',
  },
  'substitute that never knows': {
    toServer: { substitute: [{ pattern: '(?s)a.*b', replacement: '' }] },
    text: 'a',
  },
  corrupt: { toServer: { corrupt: {} }, arrives: 'length' },
  'coalesce 16 MiB': { toServer: { coalesce: { minBytes: 16_777_216 } } },
  'delay 2 s': { toServer: { delay: { milliseconds: 2_000 } } },
  'delay 2 s, messages of 8 bytes': {
    toServer: { delay: { milliseconds: 2_000 } },
    message: 8,
    pause: 5,
  },
  'bandwidth 100 kB/s': { toServer: { bandwidth: { bytesPerSecond: 100_000 } } },
  'bandwidth 1 MB/s shared': {
    toServer: { bandwidth: { bytesPerSecond: 1_000_000, scope: 'Gate' } },
  },
  'slice 100 bytes': { toServer: { slice: { maxBytes: 100 } } },
  'slice 1 byte, receivers that do not read': {
    toServer: { slice: { maxBytes: 1 } },
    receiver: 'hangs',
  },
  'corrupt, delay 1 s, bandwidth 1 MB/s': {
    toServer: {
      corrupt: {},
      delay: { milliseconds: 1_000 },
      bandwidth: { bytesPerSecond: 1_000_000 },
    },
    arrives: 'length',
  },
  'coalesce 64 KiB, delay 1 s, slice 1,000 bytes, both directions': {
    toServer: {
      coalesce: { minBytes: 65_536 },
      delay: { milliseconds: 1_000 },
      slice: { maxBytes: 1_000 },
    },
    toClient: {
      coalesce: { minBytes: 65_536 },
      delay: { milliseconds: 1_000 },
      slice: { maxBytes: 1_000 },
    },
    sender: 'both',
  },
};

/** All of them, under each limit (MiB). */
export function scenarios(limits: readonly number[], seconds: number): Scenario[] {
  return limits.flatMap((limit) =>
    Object.entries(CASES).map(([name, each]) => ({
      name,
      limit,
      connections: CONNECTIONS,
      seconds,
      ...each,
    })),
  );
}
