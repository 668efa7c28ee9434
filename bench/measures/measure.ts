import type { Effort } from '../effort.ts';
import type { FigureInfo } from '../figure.ts';
import type { Generator } from '../generator.ts';
import type { Peer, PeerName } from '../peers/peer.ts';
import type { Goal } from './goal.ts';

/** A part of the report, with a chart and a table. */
export interface Section {
  readonly name: string;
  readonly title: string;
  /** `lines` over `at`; there is one chart for each unit then. */
  readonly kind: 'bars' | 'lines';
  /** What one has to know beside the figures. */
  readonly note?: string;
}

/** A figure and where the report shows it. */
export interface ReportedFigure extends FigureInfo {
  /** undefined: it is in the JSON only. */
  readonly section?: Section;
}

/** All that there is to say of a measure before it is run. */
export interface Declaration {
  readonly figures: readonly ReportedFigure[];
  readonly goals: readonly Goal[];
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

export interface Measure extends Declaration {
  readonly name: string;
  readonly peers: readonly PeerName[];
  /** A subject idles while others have their round. */
  prepare(context: Context, peer: Peer): Promise<Subject>;
}
