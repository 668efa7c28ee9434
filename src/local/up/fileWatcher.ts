import { type FSWatcher, watch } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Sequence } from '../../async/sequence.ts';
import { type FilesOptions, readFiles, type Texts } from './files.ts';
import { stableTexts } from './stableTexts.ts';

/** Milliseconds in which a file may not change for its save to be taken for done: editors write in several steps. */
const SETTLE = 50;

/** Milliseconds between looks for what no event tells: on network file systems, or after a folder was replaced. */
const POLL = 2_000;

export interface FileWatcherOptions extends FilesOptions {
  /** Never runs concurrently. Rejections go to `onError`, and the next change is read nevertheless. */
  onTexts(texts: Texts): Promise<void>;
  onError(error: unknown): void;
}

/** Reads files and folders soon after anything changes in them. */
export class FileWatcher {
  readonly #paths: readonly string[];
  readonly #options: FileWatcherOptions;
  readonly #watchers = new Map<string, FSWatcher>();
  readonly #poll: NodeJS.Timeout;
  readonly #closing = new AbortController();
  #isDue = false;
  readonly #checks = new Sequence();

  constructor(paths: readonly string[], options: FileWatcherOptions) {
    this.#paths = paths;
    this.#options = options;
    this.#watchAll([]);
    this.#poll = setInterval(() => this.#scheduleCheck(), POLL);
    // Something may have changed since the caller looked.
    this.#scheduleCheck();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    clearInterval(this.#poll);
    for (const watcher of this.#watchers.values()) watcher.close();
    await this.#checks.idle;
  }

  /** A file is watched by its folder: an editor that writes another one in its place ends a watch of the file. */
  #watchAll(files: Iterable<string>): void {
    const folders = new Set([...this.#paths, ...[...this.#paths, ...files].map(dirname)]);
    for (const [path, watcher] of this.#watchers) {
      if (folders.has(path)) continue;
      watcher.close();
      this.#watchers.delete(path);
    }
    for (const folder of folders) this.#watch(folder);
  }

  #watch(path: string): void {
    if (this.#watchers.has(path)) return;
    try {
      const watcher = watch(path, () => this.#scheduleCheck());
      this.#watchers.set(path, watcher);
      watcher.on('error', () => {
        watcher.close();
        this.#watchers.delete(path);
      });
    } catch {
      // The poll goes on.
    }
  }

  /** What changes during a look is in the next one. */
  #scheduleCheck(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    this.#checks
      .run(() => {
        this.#isDue = false;
        return this.#check();
      })
      .catch((error: unknown) => this.#options.onError(error));
  }

  async #check(): Promise<void> {
    const { signal } = this.#closing;
    const read = () => readFiles(this.#paths, this.#options);
    const pause = () => sleep(SETTLE, undefined, { signal }).catch(() => {});
    const texts = await stableTexts(read, pause, signal);
    if (texts === undefined) return;
    this.#watchAll(texts.keys());
    await this.#options.onTexts(texts);
  }
}
