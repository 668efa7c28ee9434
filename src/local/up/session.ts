import { resolve } from 'node:path';
import { PLURAL } from '../../api/names.ts';
import type { Local } from '../start.ts';
import { type FilesOptions, readFiles, readStreams, type Texts } from './files.ts';
import { FileWatcher } from './fileWatcher.ts';
import { GatesOfFiles } from './gatesOfFiles.ts';
import { type Problem, problemText } from './manifest.ts';
import { type FileReport, Manifests } from './manifests.ts';
import type { Output } from './output.ts';
import { untilAborted } from './untilAborted.ts';

export interface SessionOptions extends FilesOptions {
  /** Files, folders and pipes; `-` is standard input. */
  readonly files: readonly string[];
  /** More files, which are none on a disk. */
  readonly texts?: Texts;
}

/** The gates of the files, kept as the files say. */
export class Session {
  readonly #local: Local;
  readonly #options: SessionOptions;
  readonly #reports = new Map<string, FileReport>();
  /** Files and folders that can be read again. */
  #paths: readonly string[] = [];
  /** What was read once. */
  #streams: Texts = new Map();
  #manifests: Manifests | undefined;
  #output: Output | undefined;
  #watcher: FileWatcher | undefined;
  #unsubscribe = () => {};

  constructor(local: Local, options: SessionOptions) {
    this.#local = local;
    this.#options = options;
  }

  /** Reads everything for the first time. Resolves with what is wrong with it. */
  async load(stop: AbortSignal): Promise<string[]> {
    const { files, texts = new Map<string, string>() } = this.#options;
    const named = files.map((file) => (file === '-' ? file : resolve(file)));
    const streams = await Promise.race([readStreams(named), untilAborted(stop)]);
    if (streams === undefined) return [];
    this.#streams = new Map([...texts, ...streams]);
    this.#paths = named.filter((path) => path !== '-' && !streams.has(path));
    this.#manifests = new Manifests({
      gates: new GatesOfFiles(this.#local.kube, this.#local.store),
      paths: [...this.#paths, ...streams.keys()],
      onFile: (file, report) => {
        this.#reports.set(file, report);
        this.#output?.file(file, report);
      },
    });
    const problems = await this.#sync(await readFiles(this.#paths, this.#options));
    return problems.map(problemText);
  }

  /** Keeps the gates in sync with the files from now on, and reports what they do. */
  follow(output: Output): void {
    this.#output = output;
    for (const [file, report] of this.#reports) output.file(file, report);
    let isPending = false;
    this.#unsubscribe = this.#local.store.collection(PLURAL).subscribe(() => {
      if (isPending) return;
      isPending = true;
      // Not right away: anyone who made the change waits for it.
      setImmediate(() => {
        isPending = false;
        output.changed();
      });
    });
    this.#watcher = new FileWatcher(this.#paths, {
      ...this.#options,
      onTexts: async (texts) => {
        await this.#sync(texts);
      },
      onError: (error) => output.error(error),
    });
  }

  async stop(): Promise<void> {
    this.#unsubscribe();
    await this.#watcher?.close();
  }

  async #sync(texts: Texts): Promise<Problem[]> {
    return (await this.#manifests?.sync(new Map([...this.#streams, ...texts]))) ?? [];
  }
}
