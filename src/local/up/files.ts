import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

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
