import { isDeepStrictEqual } from 'node:util';
import type { Local } from '../start.ts';
import { fileLines } from './fileText.ts';
import { fileText } from './manifest.ts';
import type { FileReport } from './manifests.ts';
import { errorText, type Output } from './output.ts';
import { type Rate, Rates } from './rates.ts';
import { BEING_SET_UP, type Row, rowsOf } from './rows.ts';
import { Columns, cellsOf, nameOf, notesOf } from './table.ts';

/** Writes one line; the line feed is its own affair. */
export type WriteLine = (line: string) => void;

export interface LinesOptions {
  /** For the lines of a table; without it only problems are told. */
  readonly table: WriteLine | undefined;
  readonly problems: WriteLine;
}

/** Milliseconds between samples of the counts, so that a line has the current rate. */
const SAMPLE = 1_000;

/** A line for each change of a gate, as of a table that grows: where the output is no terminal. */
export class Lines implements Output {
  readonly #local: Local;
  readonly #options: LinesOptions;
  readonly #columns = new Columns();
  readonly #rates = new Rates();
  readonly #shown = new Map<string, Row>();
  readonly #files = new Map<string, FileReport>();
  readonly #samples: NodeJS.Timeout;

  constructor(local: Local, options: LinesOptions) {
    this.#local = local;
    this.#options = options;
    this.#print(rowsOf(local));
    this.#samples = setInterval(() => {
      for (const key of this.#shown.keys()) this.#rate(key);
    }, SAMPLE);
  }

  changed(): void {
    const rows = rowsOf(this.#local);
    this.#print(rows.filter((row) => !isSame(row, this.#shown.get(row.key))));
    const keys = new Set(rows.map(({ key }) => key));
    for (const key of this.#shown.keys()) {
      if (keys.has(key)) continue;
      this.#shown.delete(key);
      this.#options.table?.(`${nameOf(key)} was removed`);
    }
  }

  file(file: string, report: FileReport): void {
    const before = this.#files.get(file);
    if (report.isGone) {
      this.#files.delete(file);
      this.#options.problems(`${fileText(file)} was removed`);
      return;
    }
    this.#files.set(file, report);
    const isNew = !isDeepStrictEqual(before?.others, report.others);
    const lines = fileLines(file, isNew ? report : { ...report, others: [] });
    for (const line of lines) this.#options.problems(line);
    if (report.problems.length === 0 && (before?.problems.length ?? 0) > 0) {
      this.#options.problems(`${fileText(file)} is in force again`);
    }
  }

  error(error: unknown): void {
    this.#options.problems(errorText(error));
  }

  close(): void {
    clearInterval(this.#samples);
  }

  #rate(key: string): Rate {
    return this.#rates.rate(key, this.#local.runtime.traffic(key), performance.now());
  }

  #print(rows: readonly Row[]): void {
    // A gate is set up within milliseconds; before that there is nothing to see.
    const shown = rows.filter(({ message }) => message !== BEING_SET_UP);
    const isFirst = this.#shown.size === 0 && shown.length > 0;
    const cells = shown.map((row) => cellsOf(row, this.#rate(row.key), Date.now()));
    this.#columns.fit(cells);
    if (isFirst) this.#options.table?.(this.#columns.head);
    for (const line of cells) this.#options.table?.(this.#columns.line(line));
    for (const row of shown) {
      const before = this.#shown.get(row.key);
      for (const note of notesOf(row)) {
        if (before === undefined || !notesOf(before).includes(note)) {
          this.#options.problems(`${nameOf(row.key)}: ${note}`);
        }
      }
      this.#shown.set(row.key, row);
    }
  }
}

/** Counts change all the time, and are in the next line anyway. */
function isSame(row: Row, before: Row | undefined): boolean {
  const fields = [
    'message',
    'listen',
    'upstream',
    'upstreamMessage',
    'newConnections',
    'faults',
    'faultsEndTime',
  ] as const;
  return before !== undefined && fields.every((field) => row[field] === before[field]);
}
