import { isDeepStrictEqual } from 'node:util';
import type { Local } from '../start.ts';
import type { WriteLine } from './lines.ts';
import type { FileReport } from './manifests.ts';
import { errorText, type Greeting, type Output } from './output.ts';
import { type Row, rowsOf } from './rows.ts';

/** A JSON document per line for each change, for scripts. docs/local.md has the fields. */
export class JsonLines implements Output {
  readonly #local: Local;
  readonly #write: WriteLine;
  readonly #shown = new Map<string, Row>();

  constructor(local: Local, greeting: Greeting, write: WriteLine) {
    this.#local = local;
    this.#write = write;
    this.#say('started', greeting);
    this.changed();
  }

  changed(): void {
    const rows = rowsOf(this.#local);
    for (const row of rows) {
      if (isDeepStrictEqual(row, this.#shown.get(row.key))) continue;
      this.#shown.set(row.key, row);
      const { key, ...rest } = row;
      this.#say('gate', { ...named(key), ...rest });
    }
    const keys = new Set(rows.map(({ key }) => key));
    for (const key of this.#shown.keys()) {
      if (keys.has(key)) continue;
      this.#shown.delete(key);
      this.#say('removed', named(key));
    }
  }

  file(file: string, report: FileReport): void {
    this.#say('file', { file, ...report });
  }

  error(error: unknown): void {
    this.#say('error', { message: errorText(error) });
  }

  close(): void {
    this.#say('stopped', {});
  }

  #say(type: string, fields: object): void {
    this.#write(JSON.stringify({ time: new Date().toISOString(), type, ...fields }));
  }
}

function named(key: string): { namespace: string; name: string } {
  const [namespace = '', name = ''] = key.split('/');
  return { namespace, name };
}
