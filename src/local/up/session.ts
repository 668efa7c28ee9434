import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { PLURAL } from '../../api/names.ts';
import type { Local } from '../start.ts';
import { readFiles, type Texts } from './files.ts';
import { FileWatcher } from './fileWatcher.ts';
import { GatesOfFiles } from './gatesOfFiles.ts';
import { problemText } from './manifest.ts';
import { type FileReport, Manifests } from './manifests.ts';
import type { Output } from './output.ts';
import { untilAborted } from './untilAborted.ts';

export interface SessionOptions {
  /** Files and folders; `-` is standard input. */
  readonly files: readonly string[];
  /** More files, which are none on a disk. */
  readonly texts?: Texts;
}

/** Standard input as problems and annotations call it. */
const STDIN = 'stdin';

/** The gates of the files, kept as the files say. */
export class Session {
  readonly #local: Local;
  readonly #options: SessionOptions;
  readonly #paths: readonly string[];
  readonly #manifests: Manifests;
  readonly #reports = new Map<string, FileReport>();
  #texts: Texts;
  #output: Output | undefined;
  #watcher: FileWatcher | undefined;
  #unsubscribe = () => {};

  constructor(local: Local, options: SessionOptions) {
    this.#local = local;
    this.#options = options;
    this.#paths = options.files.filter((file) => file !== '-').map((file) => resolve(file));
    this.#texts = options.texts ?? new Map();
    const usesStdin = options.files.includes('-');
    this.#manifests = new Manifests({
      gates: new GatesOfFiles(local.kube, local.store),
      paths: usesStdin ? [...this.#paths, STDIN] : this.#paths,
      onFile: (file, report) => {
        this.#reports.set(file, report);
        this.#output?.file(file, report);
      },
    });
  }

  /** Reads everything for the first time. Resolves with what is wrong with it. */
  async load(stop: AbortSignal): Promise<string[]> {
    if (this.#options.files.includes('-')) {
      const input = await Promise.race([text(process.stdin), untilAborted(stop)]);
      if (input === undefined) return [];
      this.#texts = new Map([...this.#texts, [STDIN, input]]);
    }
    return (await this.#sync(await readFiles(this.#paths))).map(problemText);
  }

  /** Keeps the gates as the files say from now on, and tells what they do. */
  follow(output: Output): void {
    this.#output = output;
    for (const [file, report] of this.#reports) output.file(file, report);
    let isPending = false;
    this.#unsubscribe = this.#local.store.collection(PLURAL).subscribe(() => {
      if (isPending) return;
      isPending = true;
      // Not right away: whoever made the change waits for it.
      setImmediate(() => {
        isPending = false;
        output.changed();
      });
    });
    this.#watcher = new FileWatcher(this.#paths, async (texts) => {
      await this.#sync(texts);
    });
  }

  async stop(): Promise<void> {
    this.#unsubscribe();
    await this.#watcher?.close();
  }

  #sync(texts: Texts) {
    return this.#manifests.sync(new Map([...this.#texts, ...texts]));
  }
}
