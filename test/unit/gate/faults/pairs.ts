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
    drop: silent('nothing is read, and so nothing is thrown away until the stall is lifted'),
    closeOnData: silent(HELD),
    limitTime: silent('the time does not start: no first byte comes (clock Connect runs)'),
    limitIdle: {
      says: 'no byte comes, and the connection is closed for it',
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
    closeOnData: silent('bytes are thrown away before they could close anything'),
    limitTime: silent('the time does not start: no first byte comes (clock Connect runs)'),
    limitIdle: {
      says: 'bytes that are thrown away do not count: closed as if none had come',
      writes: [],
      closed: { how: 'Reset', at: 200 },
    },
    limitBytes: silent('bytes that are thrown away do not count'),
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
    limitIdle: { says: 'whichever comes first closes', writes: AS_SENT, closed: idle },
    limitBytes: {
      says: 'whichever comes first closes',
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
      says: 'what has not gathered when the time is up is discarded',
      settings: { coalesce: { minBytes: 12 } },
      writes: [],
      closed: timeUp,
    },
    delay: {
      says: 'the time starts when the first byte comes; what is late for the end is discarded',
      settings: { delay: { milliseconds: 280 } },
      writes: [['hello ', 280]],
      closed: timeUp,
    },
    bandwidth: {
      says: 'what has not gone through when the time is up is discarded',
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
      says: 'slices leave until the time is up',
      writes: SLICED,
      closed: timeUp,
    },
  },
  limitIdle: {
    limitBytes: {
      says: 'whichever comes first closes',
      writes: [['hello', 0]],
      closed: { how: 'Fin', at: 0 },
    },
    substitute: {
      says: 'counts from the last byte that came',
      writes: [
        ['HI ', 0],
        ['world', 50],
      ],
      closed: idle,
    },
    corrupt: { says: 'counts from the last byte that came', writes: AS_SENT, closed: idle },
    coalesce: {
      says: 'bytes count when they come; what has not gathered by then is discarded',
      settings: { coalesce: { minBytes: 12 } },
      writes: [],
      closed: idle,
    },
    delay: {
      says: 'bytes count when they come; what is still delayed is discarded',
      settings: { delay: { milliseconds: 220 } },
      writes: [['hello ', 220]],
      closed: idle,
    },
    bandwidth: {
      says: 'bytes count when they come; what has not gone through is discarded',
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
    slice: { says: 'bytes count when they come', writes: SLICED, closed: idle },
  },
  limitBytes: {
    substitute: {
      says: 'counts the bytes that came, not those that replace them',
      writes: [['HI', 0]],
      closed: { how: 'Fin', at: 0 },
    },
    corrupt: {
      says: 'so many changed bytes pass, then it closes',
      writes: [['hello', 0]],
      closed: { how: 'Fin', at: 0 },
    },
    coalesce: {
      says: 'the close lets go what has gathered: so many bytes pass',
      writes: [['hello', 0]],
      closed: { how: 'Fin', at: 0 },
    },
    delay: {
      says: 'the close comes behind the delayed bytes',
      writes: [['hello', 100]],
      closed: { how: 'Fin', at: 100 },
    },
    bandwidth: {
      says: 'the close comes when the last byte has gone through',
      writes: [['hello', 50]],
      closed: { how: 'Fin', at: 50 },
    },
    slice: {
      says: 'the close comes behind the last slice',
      writes: [
        ['hell', 0],
        ['o', 20],
      ],
      closed: { how: 'Fin', at: 20 },
    },
  },
  substitute: {
    corrupt: {
      says: 'what was replaced is changed like the rest',
      writes: [
        ['HI ', 0],
        ['world', 50],
      ],
    },
    coalesce: { says: 'gathers the bytes that replace', writes: [['HI world', 50]] },
    delay: {
      says: 'delays the bytes that replace',
      writes: [
        ['HI ', 100],
        ['world', 150],
      ],
    },
    bandwidth: {
      says: 'the bytes that replace take their time',
      settings: { bandwidth: { bytesPerSecond: 200 } },
      writes: [
        ['HI ', 15],
        ['world', 75],
      ],
    },
    slice: {
      says: 'cuts what was replaced',
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
      says: 'changed bytes take their time',
      writes: [
        ['hello', 50],
        [' ', 60],
        ['world', 110],
      ],
    },
    slice: { says: 'cuts changed bytes', writes: SLICED },
  },
  coalesce: {
    delay: { says: 'delays what has gathered, from its last byte', writes: [['hello world', 150]] },
    bandwidth: {
      says: 'what has gathered goes through at the rate',
      writes: [
        ['hello', 100],
        [' worl', 150],
        ['d', 160],
      ],
    },
    slice: {
      says: 'what has gathered is cut again',
      writes: [
        ['hell', 50],
        ['o wo', 70],
        ['rld', 90],
      ],
    },
  },
  delay: {
    bandwidth: {
      says: 'bytes take their time after the delay',
      writes: [
        ['hello', 150],
        [' ', 160],
        ['world', 210],
      ],
    },
    slice: {
      says: 'bytes are cut after the delay',
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
      says: 'pieces of the bandwidth are cut',
      writes: [
        ['hell', 50],
        ['o ', 70],
        ['worl', 110],
        ['d', 130],
      ],
    },
  },
};
