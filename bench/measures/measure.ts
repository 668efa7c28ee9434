import type { Effort } from '../effort.ts';
import type { Generator } from '../generator.ts';
import type { Peer, PeerName } from '../peers/peer.ts';

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

export interface Context {
  readonly generator: Generator;
  readonly effort: Effort;
}

/** What a round came to, by the figure's name. */
export type Values = Readonly<Record<string, number>>;

/** One peer, set up to be measured. */
export interface Subject {
  round(): Promise<Values>;
  stop(): Promise<void>;
}

export interface Measure {
  readonly name: string;
  readonly figures: readonly FigureInfo[];
  readonly peers: readonly PeerName[];
  /** A subject idles while others have their round. */
  prepare(context: Context, peer: Peer): Promise<Subject>;
}
