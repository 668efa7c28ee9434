import type { FaultName } from '../../../../src/gate/faults/registry.ts';
import type { Faults } from './support.ts';

/** What comes of "hello " at 0 ms and "world" at 50 ms, before `corrupt` if that is one of the two. */
export interface Outcome {
  /** For people too: docs/faults.md has it. */
  readonly says: string;
  readonly writes: readonly [text: string, at: number][];
  readonly closed?: { readonly how: 'Fin' | 'Reset'; readonly at: number };
  /** In place of the ones above, to show something else. */
  readonly settings?: Faults;
}

const AS_SENT: Outcome['writes'] = [
  ['hello ', 0],
  ['world', 50],
];
const SLICED: Outcome['writes'] = [
  ['hell', 0],
  ['o ', 20],
  ['worl', 50],
  ['d', 70],
];
const silent = (says: string): Outcome => ({ says, writes: [] });
const closedAtOnce = (says: string): Outcome => ({
  says,
  writes: [],
  closed: { how: 'Reset', at: 0 },
});
const timeUp = { how: 'Fin', at: 300 } as const;
/** Two hundred milliseconds after the last byte. */
const idle = { how: 'Reset', at: 250 } as const;

const HELD = 'nothing is read, and so nothing comes to it until the stall is lifted';
const DROPPED = 'nothing comes to it';
const FIRST = 'the first byte closes, before the other sees it';

/** Of every two faults in one direction, the first in the order of the registry first. `stacking.test.ts` proves them. */
export const OUTCOMES: { [A in FaultName]?: { [B in FaultName]?: Outcome } } = {
  stall: {
    drop: silent('nothing is read, so nothing is discarded until the stall is lifted'),
    closeOnData: silent(HELD),
    limitTime: silent('the time does not start: no first byte comes (clock Connect runs)'),
    limitIdle: {
      says: 'no byte arrives, so the connection is closed as idle',
      writes: [],
      closed: { how: 'Reset', at: 200 },
    },
    limitBytes: silent(HELD),
    substitute: silent(HELD),
    corrupt: silent(HELD),
    coalesce: silent(HELD),
    delay: silent(HELD),
    bandwidth: silent(HELD),
    slice: silent(HELD),
  },
  drop: {
    closeOnData: silent('bytes are discarded before they could close the connection'),
    limitTime: silent('the time does not start: no first byte comes (clock Connect runs)'),
    limitIdle: {
      says: 'discarded bytes do not count: closed as if none had arrived',
      writes: [],
      closed: { how: 'Reset', at: 200 },
    },
    limitBytes: silent('discarded bytes do not count'),
    substitute: silent(DROPPED),
    corrupt: silent(DROPPED),
    coalesce: silent(DROPPED),
    delay: silent(DROPPED),
    bandwidth: silent(DROPPED),
    slice: silent(DROPPED),
  },
  closeOnData: {
    limitTime: closedAtOnce(FIRST),
    limitIdle: closedAtOnce('the first byte closes, or the idle time if none comes'),
    limitBytes: closedAtOnce(FIRST),
    substitute: closedAtOnce(FIRST),
    corrupt: closedAtOnce(FIRST),
    coalesce: closedAtOnce(FIRST),
    delay: closedAtOnce(FIRST),
    bandwidth: closedAtOnce(FIRST),
    slice: closedAtOnce(FIRST),
  },
  limitTime: {
    limitIdle: {
      says: 'whichever triggers first closes the connection',
      writes: AS_SENT,
      closed: idle,
    },
    limitBytes: {
      says: 'whichever triggers first closes the connection',
      writes: [['hello', 0]],
      closed: { how: 'Fin', at: 0 },
    },
    substitute: {
      says: 'bytes are replaced until the time is up',
      writes: [
        ['HI ', 0],
        ['world', 50],
      ],
      closed: timeUp,
    },
    corrupt: {
      says: 'bytes are changed until the time is up',
      writes: AS_SENT,
      closed: timeUp,
    },
    coalesce: {
      says: 'bytes still gathering when the time is up are discarded',
      settings: { coalesce: { minBytes: 12 } },
      writes: [],
      closed: timeUp,
    },
    delay: {
      says: 'the time starts with the first byte; bytes still delayed when it is up are discarded',
      settings: { delay: { milliseconds: 280 } },
      writes: [['hello ', 280]],
      closed: timeUp,
    },
    bandwidth: {
      says: 'bytes not yet sent when the time is up are discarded',
      settings: { bandwidth: { bytesPerSecond: 25 } },
      writes: [
        ['h', 40],
        ['e', 80],
        ['l', 120],
        ['l', 160],
        ['o', 200],
        [' ', 240],
        ['w', 280],
      ],
      closed: timeUp,
    },
    slice: {
      says: 'slices are sent until the time is up',
      writes: SLICED,
      closed: timeUp,
    },
  },
  limitIdle: {
    limitBytes: {
      says: 'whichever triggers first closes the connection',
      writes: [['hello', 0]],
      closed: { how: 'Fin', at: 0 },
    },
    substitute: {
      says: 'counts from the last byte that arrived',
      writes: [
        ['HI ', 0],
        ['world', 50],
      ],
      closed: idle,
    },
    corrupt: { says: 'counts from the last byte that arrived', writes: AS_SENT, closed: idle },
    coalesce: {
      says: 'bytes count when they arrive; bytes still gathering at the close are discarded',
      settings: { coalesce: { minBytes: 12 } },
      writes: [],
      closed: idle,
    },
    delay: {
      says: 'bytes count when they arrive; bytes still delayed are discarded',
      settings: { delay: { milliseconds: 220 } },
      writes: [['hello ', 220]],
      closed: idle,
    },
    bandwidth: {
      says: 'bytes count when they arrive; bytes not yet sent are discarded',
      settings: { bandwidth: { bytesPerSecond: 25 } },
      writes: [
        ['h', 40],
        ['e', 80],
        ['l', 120],
        ['l', 160],
        ['o', 200],
        [' ', 240],
      ],
      closed: idle,
    },
    slice: { says: 'bytes count when they arrive', writes: SLICED, closed: idle },
  },
  limitBytes: {
    substitute: {
      says: 'counts the original bytes, not the replacements',
      writes: [['HI', 0]],
      closed: { how: 'Fin', at: 0 },
    },
    corrupt: {
      says: 'that many changed bytes pass, then the connection is closed',
      writes: [['hello', 0]],
      closed: { how: 'Fin', at: 0 },
    },
    coalesce: {
      says: 'the close releases the gathered bytes: that many bytes pass',
      writes: [['hello', 0]],
      closed: { how: 'Fin', at: 0 },
    },
    delay: {
      says: 'the close follows the delayed bytes',
      writes: [['hello', 100]],
      closed: { how: 'Fin', at: 100 },
    },
    bandwidth: {
      says: 'the close follows the last byte',
      writes: [['hello', 50]],
      closed: { how: 'Fin', at: 50 },
    },
    slice: {
      says: 'the close follows the last slice',
      writes: [
        ['hell', 0],
        ['o', 20],
      ],
      closed: { how: 'Fin', at: 20 },
    },
  },
  substitute: {
    corrupt: {
      says: 'replacements are changed like other bytes',
      writes: [
        ['HI ', 0],
        ['world', 50],
      ],
    },
    coalesce: { says: 'gathers the replaced stream', writes: [['HI world', 50]] },
    delay: {
      says: 'delays the replaced stream',
      writes: [
        ['HI ', 100],
        ['world', 150],
      ],
    },
    bandwidth: {
      says: 'the replaced stream is sent at the rate',
      settings: { bandwidth: { bytesPerSecond: 200 } },
      writes: [
        ['HI ', 15],
        ['world', 75],
      ],
    },
    slice: {
      says: 'splits the replaced stream',
      writes: [
        ['HI ', 0],
        ['worl', 50],
        ['d', 70],
      ],
    },
  },
  corrupt: {
    coalesce: { says: 'gathers changed bytes', writes: [['hello world', 50]] },
    delay: {
      says: 'delays changed bytes',
      writes: [
        ['hello ', 100],
        ['world', 150],
      ],
    },
    bandwidth: {
      says: 'sends changed bytes at the rate',
      writes: [
        ['hello', 50],
        [' ', 60],
        ['world', 110],
      ],
    },
    slice: { says: 'splits changed bytes', writes: SLICED },
  },
  coalesce: {
    delay: {
      says: 'delays the gathered bytes, counted from the last one',
      writes: [['hello world', 150]],
    },
    bandwidth: {
      says: 'sends the gathered bytes at the rate',
      writes: [
        ['hello', 100],
        [' worl', 150],
        ['d', 160],
      ],
    },
    slice: {
      says: 'splits the gathered bytes again',
      writes: [
        ['hell', 50],
        ['o wo', 70],
        ['rld', 90],
      ],
    },
  },
  delay: {
    bandwidth: {
      says: 'sends bytes at the rate, after the delay',
      writes: [
        ['hello', 150],
        [' ', 160],
        ['world', 210],
      ],
    },
    slice: {
      says: 'splits bytes after the delay',
      writes: [
        ['hell', 100],
        ['o ', 120],
        ['worl', 150],
        ['d', 170],
      ],
    },
  },
  bandwidth: {
    slice: {
      says: 'splits the pieces that bandwidth sends',
      writes: [
        ['hell', 50],
        ['o ', 70],
        ['worl', 110],
        ['d', 130],
      ],
    },
  },
};
