import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { lstat, open, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { makeFolder } from './makeFolder.ts';

/** A new file alone: never one that is there, and never where a link leads that somebody else put there. */
const NEW = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

/** Of the name of a draft: nobody can guess it. */
const RANDOM_BYTES = 16;

/**
 * Writes a file completely or not at all: to a temporary file next to it, to the disk, then renames it. Readers see the
 * old one or the new one, and so does the next start after a power cut. Rejects, and leaves the old one as it was, when
 * the disk is full. The file can be read by its owner alone, also in a folder that others may write to; a link of its
 * name is replaced and not followed.
 */
export async function writeAtomically(path: string, content: string): Promise<void> {
  const folder = dirname(path);
  await makeFolder(folder);
  const draft = join(folder, draftName(path));
  const file = await open(draft, NEW, 0o600);
  try {
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
  await syncFolder(folder);
}

/**
 * Removes temporary files of a process that was killed while writing; call it before the first write. Never rejects.
 * One of the own process id is from before as well: in a container, every process has that id.
 */
export async function removeDrafts(path: string): Promise<void> {
  const folder = dirname(path);
  const names = await readdir(folder).catch(() => []);
  for (const name of names) {
    const writer = writerOf(path, name);
    if (writer === undefined || (writer !== process.pid && isAlive(writer))) continue;
    const draft = join(folder, name);
    const found = await lstat(draft).catch(() => undefined);
    if (found?.isFile()) await rm(draft, { force: true }).catch(() => {});
  }
}

function draftName(path: string): string {
  const random = randomBytes(RANDOM_BYTES).toString('hex');
  return `.${basename(path)}.${process.pid}.${random}.draft`;
}

/** The process that writes the draft; undefined when it is none of this file. */
function writerOf(path: string, name: string): number | undefined {
  const start = `.${basename(path)}.`;
  if (!name.startsWith(start)) return undefined;
  const [, pid] = /^(\d+)\.[\da-f]+\.draft$/.exec(name.slice(start.length)) ?? [];
  return pid === undefined ? undefined : Number(pid);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It belongs to somebody else.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** The name of a file is on the disk when its folder is. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
