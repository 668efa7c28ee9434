/** What is before or behind a place in the stream, as far as a condition can tell. */
export type Neighbour = (typeof NEIGHBOURS)[number];

export const NEIGHBOURS = ['edge', 'newline', 'word', 'other'] as const;

/** What a place is known to be; bits as re2js numbers its conditions (Go's regexp/syntax, EmptyOp). */
export interface Facts {
  readonly holds: number;
  /** Conditions that depend on the next byte, which is not there yet. */
  readonly open: number;
}

const LINE_START = 1;
const LINE_END = 2;
const TEXT_START = 4;
const TEXT_END = 8;
const WORD_BOUNDARY = 16;
const NO_WORD_BOUNDARY = 32;

export function neighbourOf(byte: number): Neighbour {
  if (byte === 10) return 'newline';
  const isLetter = (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a;
  return isLetter || (byte >= 0x30 && byte <= 0x39) || byte === 0x5f ? 'word' : 'other';
}

/** @param behind undefined when the next byte has not come yet */
export function factsOf(before: Neighbour, behind: Neighbour | undefined): Facts {
  const start = (before === 'edge' ? TEXT_START : 0) | (isLineEdge(before) ? LINE_START : 0);
  if (behind === undefined) {
    return { holds: start, open: LINE_END | TEXT_END | WORD_BOUNDARY | NO_WORD_BOUNDARY };
  }
  const end = (behind === 'edge' ? TEXT_END : 0) | (isLineEdge(behind) ? LINE_END : 0);
  const isBoundary = (before === 'word') !== (behind === 'word');
  return { holds: start | end | (isBoundary ? WORD_BOUNDARY : NO_WORD_BOUNDARY), open: 0 };
}

function isLineEdge(neighbour: Neighbour): boolean {
  return neighbour === 'edge' || neighbour === 'newline';
}
