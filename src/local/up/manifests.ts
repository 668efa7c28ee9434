import { dirname } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { asError } from '../../kube/errors.ts';
import type { Texts } from './files.ts';
import type { GatesOfFiles } from './gatesOfFiles.ts';
import { type Manifest, type ManifestFile, type Problem, readManifests } from './manifest.ts';

/** What is to be said of a file. */
export interface FileReport {
  readonly problems: readonly Problem[];
  /** Objects in it that are no gates. */
  readonly others: readonly string[];
  /** Its gates are as they were when it had no problem. */
  readonly isKept: boolean;
  /** It was in a folder and is gone. Gates that only it contained are removed. */
  readonly isGone: boolean;
}

export interface ManifestsOptions {
  readonly gates: GatesOfFiles;
  /** The files and folders that were asked for. */
  readonly paths: readonly string[];
  /** There is something else to say of a file than before. */
  onFile(file: string, report: FileReport): void;
}

interface KnownFile {
  readonly text: string | Error;
  readonly read: ManifestFile;
  /** As it was good last; undefined if it never was. */
  readonly good: readonly Manifest[] | undefined;
}

const NOTHING: FileReport = { problems: [], others: [], isKept: false, isGone: false };

/**
 * Keeps gates as files ask for them. A file with a problem stays in force as it was last without one. A gate is only
 * touched when its document changes; it goes when its document does.
 */
export class Manifests {
  readonly #options: ManifestsOptions;
  readonly #files = new Map<string, KnownFile>();
  readonly #reports = new Map<string, FileReport>();

  constructor(options: ManifestsOptions) {
    this.#options = options;
  }

  /** Brings the gates in line with the files. Resolves with all that is wrong; never rejects. */
  async sync(texts: Texts): Promise<Problem[]> {
    this.#read(texts);
    const problems: Problem[] = [];
    for (const [file, known] of this.#files) {
      const found = [...known.read.problems, ...this.#twice(file)];
      problems.push(...found);
      if (found.length > 0) continue;
      this.#files.set(file, { ...known, good: known.read.manifests });
      problems.push(...(await this.#apply(file, known.read.manifests)));
    }
    problems.push(...(await this.#removeLeft()));
    for (const [file, { read, good }] of this.#files) {
      const own = problems.filter((problem) => problem.file === file);
      const isKept = own.length > 0 && good !== undefined;
      this.#report(file, { problems: own, others: read.others, isKept, isGone: false });
    }
    return problems;
  }

  #read(texts: Texts): void {
    for (const [file, text] of texts) {
      const before = this.#files.get(file);
      if (before !== undefined && isDeepStrictEqual(before.text, text)) continue;
      const read = this.#readOne(file, text, before?.good ?? []);
      this.#files.set(file, { text, read, good: before?.good });
    }
    for (const file of [...this.#files.keys()]) {
      // Files of a folder that cannot be read for the moment are not gone.
      if (pathsTo(file).some((path) => texts.has(path))) continue;
      this.#files.delete(file);
      this.#report(file, { ...NOTHING, isGone: true });
    }
  }

  /** @param good what it asked for before */
  #readOne(file: string, text: string | Error, good: readonly Manifest[]): ManifestFile {
    const read = text instanceof Error ? undefined : readManifests(file, text);
    if (read !== undefined && read.manifests.length + read.problems.length + read.others.length > 0)
      return read;
    // Files that an editor is about to write are empty, or not there, for a moment.
    const what = text instanceof Error ? text.message : 'It is empty';
    const message = good.length === 0 ? what : `${what}. ${this.#howToRemove(file, good)}`;
    return { manifests: [], others: [], problems: [{ file, message }] };
  }

  #howToRemove(file: string, gates: readonly Manifest[]): string {
    if (!this.#options.paths.includes(file)) return 'To remove its gates, delete the file';
    const commands = Map.groupBy(gates, ({ gate }) => gate.metadata.namespace ?? 'default');
    const all = [...commands].map(([namespace, those]) => {
      const names = those.map(({ gate }) => gate.metadata.name).join(' ');
      return `chaosgate delete -n ${namespace} tg ${names}`;
    });
    return `To remove its gates:  ${all.join(' && ')}`;
  }

  /** Two documents cannot both say what one gate is. */
  #twice(file: string): Problem[] {
    const places = new Map<string, string>();
    for (const [other, { text, read, good = [] }] of this.#files) {
      if (other === file) break;
      if (text instanceof Error) continue;
      const manifests = read.problems.length === 0 ? read.manifests : good;
      for (const { key, line } of manifests) places.set(key, `${other}:${line}`);
    }
    return (this.#files.get(file)?.read.manifests ?? []).flatMap(({ key, document, line }) => {
      const place = places.get(key);
      places.set(key, `${file}:${line}`);
      const message = `The gate ${key} is in ${place} already`;
      return place === undefined ? [] : [{ file, document, line, field: 'metadata.name', message }];
    });
  }

  async #apply(file: string, manifests: readonly Manifest[]): Promise<Problem[]> {
    const problems: Problem[] = [];
    for (const manifest of manifests) {
      const { document, line } = manifest;
      await this.#options.gates.apply(file, manifest).catch((error: unknown) => {
        problems.push({ file, document, line, message: asError(error).message });
      });
    }
    return problems;
  }

  async #removeLeft(): Promise<Problem[]> {
    const { gates, paths } = this.#options;
    const wanted = new Set(
      [...this.#files.values()].flatMap(({ good = [] }) => good.map(({ key }) => key)),
    );
    gates.forgetOthers(wanted);
    const left = gates.list().filter(({ key, file }) => {
      const known = this.#files.get(file);
      const isGone = known === undefined && pathsTo(file).some((path) => paths.includes(path));
      return !wanted.has(key) && (isGone || known?.good !== undefined);
    });
    const problems: Problem[] = [];
    for (const { key, file } of left) {
      await gates.remove(key).catch((error: unknown) => {
        problems.push({ file, message: asError(error).message });
      });
    }
    return problems;
  }

  #report(file: string, report: FileReport): void {
    if (isDeepStrictEqual(this.#reports.get(file) ?? NOTHING, report)) return;
    this.#reports.set(file, report);
    this.#options.onFile(file, report);
  }
}

/** The file and all folders around it. */
function pathsTo(file: string): string[] {
  const folder = dirname(file);
  return folder === file ? [file] : [file, ...pathsTo(folder)];
}
