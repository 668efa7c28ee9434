import type { WriteStream } from 'node:tty';
import type { Local } from '../start.ts';
import { fileLines } from './fileText.ts';
import type { FileReport } from './manifests.ts';
import { errorText, type Output } from './output.ts';
import { Rates } from './rates.ts';
import { rowsOf } from './rows.ts';
import { Screen } from './screen.ts';
import { Columns, cellsOf, nameOf, notesOf } from './table.ts';

/** Milliseconds: between drawings for changes, and between those for rates alone. */
const GATHER = 50;
const TICK = 1_000;

/** Errors that are shown. */
const MAX_ERRORS = 3;

/** A table that is drawn again in place, on a terminal. */
export class LiveTable implements Output {
  readonly #local: Local;
  readonly #screen: Screen;
  readonly #footer: () => readonly string[];
  readonly #rates = new Rates();
  readonly #files = new Map<string, string[]>();
  readonly #ticks: NodeJS.Timeout;
  #errors: string[] = [];
  #pending: NodeJS.Timeout | undefined;

  /** @param footer more lines, below the table */
  constructor(local: Local, terminal: WriteStream, footer: () => readonly string[] = () => []) {
    this.#local = local;
    this.#footer = footer;
    this.#screen = new Screen(terminal);
    this.#ticks = setInterval(() => this.#draw(), TICK);
    this.changed();
  }

  changed(): void {
    this.#pending ??= setTimeout(() => this.#draw(), GATHER);
  }

  file(file: string, report: FileReport): void {
    if (report.isGone) this.#files.delete(file);
    else this.#files.set(file, fileLines(file, report));
    this.changed();
  }

  error(error: unknown): void {
    this.#errors = [...this.#errors, errorText(error)].slice(-MAX_ERRORS);
    this.changed();
  }

  close(): void {
    clearInterval(this.#ticks);
    clearTimeout(this.#pending);
  }

  #draw(): void {
    clearTimeout(this.#pending);
    this.#pending = undefined;
    const rows = rowsOf(this.#local);
    const now = performance.now();
    const cells = rows.map((row) =>
      cellsOf(
        row,
        this.#rates.rate(row.key, this.#local.runtime.traffic(row.key), now),
        Date.now(),
      ),
    );
    const columns = new Columns();
    columns.fit(cells);
    columns.narrow(this.#screen.width);
    this.#screen.draw([
      columns.head,
      ...cells.map((line) => columns.line(line)),
      ...rows.flatMap((row) => notesOf(row).map((note) => `! ${nameOf(row.key)}: ${note}`)),
      ...[...this.#files.values()].flat().map((line) => `! ${line}`),
      ...this.#errors.map((line) => `! ${line}`),
      ...this.#footer(),
    ]);
  }
}
