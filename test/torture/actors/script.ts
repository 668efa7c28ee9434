import type { Random } from '../random.ts';

/** How one end of a connection behaves. */
export interface Script {
  /** Bytes that it sends in all, and in one write at most. */
  readonly totalBytes: number;
  readonly writeBytes: number;
  /** Milliseconds between two writes. */
  readonly pauseMilliseconds: number;
  /** What it does when it has sent all: FIN, and it reads on; RST; or nothing until it is told to end. */
  readonly ending: 'finish' | 'reset' | 'stay';
  /** Bytes after which it reads nothing for a while; undefined reads as fast as it can. */
  readonly reads?: { readonly bytes: number; readonly pauseMilliseconds: number };
}

const MEBIBYTE = 2 ** 20;

export function randomScript(random: Random): Script {
  const kind = random.weighted({ talks: 6, pours: 2, trickles: 2, listens: 1 });
  return {
    ...SENDS[kind](random),
    ending: random.weighted({ finish: 6, reset: 1, stay: 4 }),
    ...(random.chance(0.15)
      ? {
          reads: {
            bytes: random.magnitude(1_000, MEBIBYTE),
            pauseMilliseconds: random.magnitude(20, 2_000),
          },
        }
      : {}),
  };
}

type Sends = Pick<Script, 'totalBytes' | 'writeBytes' | 'pauseMilliseconds'>;

const SENDS: Record<'talks' | 'pours' | 'trickles' | 'listens', (random: Random) => Sends> = {
  talks: (random) => ({
    totalBytes: random.magnitude(10_000, 4 * MEBIBYTE),
    writeBytes: random.magnitude(64, 16_384),
    pauseMilliseconds: random.integer(5, 60),
  }),
  pours: (random) => ({
    totalBytes: random.magnitude(MEBIBYTE, 24 * MEBIBYTE),
    writeBytes: 65_536,
    pauseMilliseconds: random.integer(0, 10),
  }),
  trickles: (random) => ({
    totalBytes: random.magnitude(100, 20_000),
    writeBytes: random.magnitude(1, 100),
    pauseMilliseconds: random.integer(1, 200),
  }),
  listens: () => ({ totalBytes: 16, writeBytes: 16, pauseMilliseconds: 0 }),
};
