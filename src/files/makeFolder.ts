import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { hasCode } from './fileProblem.ts';

/**
 * Makes a folder and those around it that are missing, for their owner alone. Rejects with the system's error. Node's
 * own recursive `mkdir` never ends where the system says of a folder that is there that it is missing (`/proc/nope`).
 */
export async function makeFolder(path: string): Promise<void> {
  try {
    await makeOne(path);
  } catch (error) {
    const parent = dirname(path);
    if (!hasCode(error, 'ENOENT') || parent === path) throw error;
    await makeFolder(parent);
    await makeOne(path);
  }
}

async function makeOne(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    const isThere = await stat(path)
      .then((found) => found.isDirectory())
      .catch(() => false);
    if (!isThere) throw hasCode(error, 'EEXIST') ? notAFolder(path) : error;
  }
}

function notAFolder(path: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${path} is no folder`), { code: 'ENOTDIR' });
}
