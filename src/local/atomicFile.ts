import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makeFolder } from './makeFolder.ts';

/**
 * Writes a file as a whole or not at all: into one beside it, to the disk, then under its name. Whoever reads sees the
 * old one or the new one, and so does the next start after a power cut. Rejects, and leaves the old one as it was, when
 * the disk is full. The file can be read by its owner alone.
 */
export async function writeAtomically(path: string, content: string): Promise<void> {
  const folder = dirname(path);
  await makeFolder(folder);
  // Of two processes that write the same file, each has its own.
  const draft = `${path}.${process.pid}.tmp`;
  try {
    const file = await open(draft, 'w', 0o600);
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

/** The name of a file is on the disk when its folder is. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
