import { constants, openSync } from 'node:fs';
import { open, readdir, stat } from 'node:fs/promises';
import { Socket } from 'node:net';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileProblem, hasCode } from '../../files/fileProblem.ts';

/** What kubectl takes out of a folder, too. */
const IN_FOLDERS = /\.(ya?ml|json)$/;

/** Bytes of a file, or of standard input: some 10,000 gates. */
const MAX_BYTES = 16 * 1024 * 1024;

/** The text of each file that there is; an error for one that was named and cannot be read. */
export type Texts = ReadonlyMap<string, string | Error>;

export interface FilesOptions {
  /** Also what is in the folders of a folder. */
  readonly isRecursive: boolean;
}

/** Reads files, and of folders those that end in .yaml, .yml or .json. Waits for nobody to write. */
export async function readFiles(paths: readonly string[], options: FilesOptions): Promise<Texts> {
  const texts = new Map<string, string | Error>();
  for (const path of paths) {
    try {
      for (const file of await filesIn(path, options)) texts.set(file, await textOf(file));
    } catch (error) {
      texts.set(path, asError(error));
    }
  }
  return texts;
}

/**
 * Reads what can be read once only, to its end: `-`, which is standard input, and pipes, such as `<(helm template ...)`
 * of a shell. Waits for the writer, and blocks nothing meanwhile.
 */
export async function readStreams(paths: readonly string[]): Promise<Texts> {
  const texts = new Map<string, string | Error>();
  for (const path of paths) {
    if (path === '-') texts.set(STDIN, await textOfStream(process.stdin));
    else if (await isPipe(path)) texts.set(path, await textOfPipe(path));
  }
  return texts;
}

/** Standard input as problems and annotations call it. */
const STDIN = 'stdin';

async function isPipe(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found?.isFIFO() ?? false;
}

async function textOfPipe(path: string): Promise<string | Error> {
  try {
    const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    return await textOfStream(new Socket({ fd, readable: true, writable: false }));
  } catch (error) {
    return asError(error);
  }
}

async function textOfStream(stream: Readable): Promise<string | Error> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream) {
    chunks.push(chunk as Buffer);
    bytes += (chunk as Buffer).length;
    if (bytes > MAX_BYTES) return tooLong();
  }
  return Buffer.concat(chunks).toString();
}

async function filesIn(path: string, { isRecursive }: FilesOptions): Promise<string[]> {
  if (!(await stat(path)).isDirectory()) return [path];
  const entries = await readdir(path, { withFileTypes: true });
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  const files: string[] = [];
  for (const entry of entries) {
    const file = join(path, entry.name);
    // As for kubectl, a link to a folder is not followed: it may lead back here.
    if (entry.isDirectory())
      files.push(...(isRecursive ? await filesIn(file, { isRecursive }) : []));
    else if (IN_FOLDERS.test(entry.name)) files.push(file);
  }
  return files;
}

async function textOf(path: string): Promise<string | Error> {
  try {
    // Without O_NONBLOCK, to open a FIFO takes until somebody writes, and blocks all work with files meanwhile.
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const found = await file.stat();
      if (found.isDirectory()) return new Error('It is a folder');
      if (!found.isFile()) return new Error('It is not a regular file, and is not read');
      if (found.size > MAX_BYTES) return tooLong();
      return await file.readFile('utf8');
    } finally {
      await file.close();
    }
  } catch (error) {
    return asError(error);
  }
}

function tooLong(): Error {
  return new Error(`It has more than ${MAX_BYTES / 1024 / 1024} MiB: divide it`);
}

function asError(error: unknown): Error {
  if (hasCode(error, 'ENOENT')) return new Error('The file does not exist');
  return new Error(`Cannot read it: ${fileProblem(error)}`);
}
