import type { PeerName } from './peers/peer.ts';

/** One number that is measured of each peer. */
export interface FigureInfo {
  /** The measure's name, and what tells its figures apart. */
  readonly name: string;
  readonly title: string;
  readonly unit: 'B/s' | '/s' | 's' | 'B' | 'ratio';
  readonly better: 'higher' | 'lower';
  /** Figures that belong together and differ in this: how many, how long. */
  readonly at?: number;
}

/** What was measured of one figure. */
export interface Figure extends FigureInfo {
  /** Day on which it was measured (ISO 8601). */
  readonly date: string;
  /** One number per round, by peer; the same place is the same round. */
  readonly samples: Readonly<Partial<Record<PeerName, readonly number[]>>>;
}
