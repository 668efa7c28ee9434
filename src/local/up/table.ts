import { withLeft } from '../left.ts';
import type { Rate } from './rates.ts';
import { rateText } from './rates.ts';
import type { Row } from './rows.ts';

const HEAD = ['NAME', 'LISTEN', 'UPSTREAM', 'NEW CONNECTIONS', 'FAULTS', 'CONNS', 'IN', 'OUT'];

/** Spaces between columns: as kubectl has them, or as few as can be. */
const WIDE = 3;
const NARROW = 1;

/** The cells of a gate's line. IN is what comes from clients, OUT what goes to them. @param now milliseconds since the epoch */
export function cellsOf(row: Row, { toServer, toClient }: Rate, now: number): string[] {
  return [
    nameOf(row.key),
    row.listen || '-',
    upstreamOf(row),
    row.newConnections || '-',
    withLeft(row.faults || '-', row.faultsEndTime || undefined, now),
    String(row.connections.active),
    rateText(toServer),
    rateText(toClient),
  ];
}

/** What is wrong with a gate, in words. */
export function notesOf({ message, upstreamMessage }: Row): string[] {
  return [message, upstreamMessage].filter((note) => note !== '');
}

function upstreamOf({ upstream, upstreamMessage }: Row): string {
  if (upstream === '') return '-';
  return upstreamMessage === '' ? upstream : `${upstream} (unreachable)`;
}

/** Columns are as wide as the widest cell that they ever had. */
export class Columns {
  #widths = HEAD.map(({ length }) => length);
  #gap = WIDE;

  get head(): string {
    return this.line(HEAD);
  }

  fit(cells: readonly (readonly string[])[]): void {
    for (const line of cells) {
      this.#widths = this.#widths.map((width, index) => Math.max(width, line[index]?.length ?? 0));
    }
  }

  /** Moves the columns together if a line has more characters otherwise. */
  narrow(characters: number): void {
    const widest = this.#widths.reduce((sum, width) => sum + width + WIDE, -WIDE);
    if (widest > characters) this.#gap = NARROW;
  }

  line(cells: readonly string[]): string {
    const padded = cells.map((cell, index) => cell.padEnd(this.#widths[index] ?? 0));
    return padded.join(' '.repeat(this.#gap)).trimEnd();
  }
}

/** Names are spoken of without the namespace where it is the default one. */
export function nameOf(key: string): string {
  return key.replace(/^default\//, '');
}
