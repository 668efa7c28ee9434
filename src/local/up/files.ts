import { type FSWatcher, watch } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** What kubectl takes out of a folder, too. */
const IN_FOLDERS = /\.(ya?ml|json)$/;

/** The text of each file that there is; an error for one that was named and can not be read. */
export type Texts = ReadonlyMap<string, string | Error>;

/** Reads files, and of folders those that end in .yaml, .yml or .json. */
export async function readFiles(paths: readonly string[]): Promise<Texts> {
  const texts = new Map<string, string | Error>();
  for (const path of paths) {
    try {
      for (const file of await filesIn(path)) texts.set(file, await textOf(file));
    } catch (error) {
      texts.set(path, asError(error));
    }
  }
  return texts;
}

async function filesIn(path: string): Promise<string[]> {
  if (!(await stat(path)).isDirectory()) return [path];
  const names = await readdir(path);
  return names
    .filter((name) => IN_FOLDERS.test(name))
    .sort()
    .map((name) => join(path, name));
}

async function textOf(file: string): Promise<string | Error> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    return asError(error);
  }
}

function asError(error: unknown): Error {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return new Error('There is no such file');
  return new Error(`It can not be read: ${code ?? message}`);
}

/** Milliseconds without another event after which a save is taken to be done: editors write in several steps. */
const SETTLE = 50;

/** Milliseconds between looks for what no event tells: on network file systems, or after a folder was replaced. */
const POLL = 2_000;

/** Calls `look` soon after anything changes in the files or folders. Never two at a time. */
export class FileWatcher {
  readonly #look: () => Promise<void>;
  readonly #watchers: FSWatcher[];
  readonly #poll: NodeJS.Timeout;
  #settle: NodeJS.Timeout | undefined;
  #looking: Promise<void> = Promise.resolve();
  #isClosed = false;

  /** @param look must not reject */
  constructor(paths: readonly string[], look: () => Promise<void>) {
    this.#look = look;
    // A file is watched by its folder: an editor that writes another one in its place ends a watch of the file.
    const folders = new Set(paths.flatMap((path) => [dirname(path), path]));
    this.#watchers = [...folders].flatMap((folder) => this.#watch(folder));
    this.#poll = setInterval(() => this.#run(), POLL);
    // Something may have changed since the caller looked.
    this.#run();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#poll);
    clearTimeout(this.#settle);
    for (const watcher of this.#watchers) watcher.close();
    await this.#looking;
  }

  #watch(path: string): FSWatcher[] {
    try {
      const watcher = watch(path, () => {
        clearTimeout(this.#settle);
        this.#settle = setTimeout(() => this.#run(), SETTLE);
      });
      // The poll goes on.
      watcher.on('error', () => watcher.close());
      return [watcher];
    } catch {
      return [];
    }
  }

  #run(): void {
    this.#looking = this.#looking.then(() => (this.#isClosed ? undefined : this.#look()));
  }
}
