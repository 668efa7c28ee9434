import { readFile, rm } from 'node:fs/promises';
import { removeDrafts, writeAtomically } from '../files/atomicFile.ts';
import { fileProblem } from '../files/fileProblem.ts';
import { textIn } from '../json/json.ts';
import type { Access } from './kubeconfig.ts';
import { isServed } from './served.ts';

/** Next to a file: identifies the process that uses it, to check whether it still runs. */
const ownerFile = (path: string) => `${path}.owner`;

/** Whether a process that runs has the file. One that was killed has it no more. */
export async function isOwned(path: string): Promise<boolean> {
  const text = await readFile(ownerFile(path), 'utf8').catch(() => '{}');
  try {
    const owner: unknown = JSON.parse(text);
    const [url, certificate] = [textIn(owner, 'url'), textIn(owner, 'certificate')];
    return url !== '' && (await isServed({ url, certificate }));
  } catch {
    // Nothing that `own` wrote.
    return false;
  }
}

/** This process has the file from now on. */
export async function own(path: string, { url, certificate }: Access): Promise<void> {
  const file = ownerFile(path);
  try {
    await removeDrafts(file);
    await writeAtomically(file, JSON.stringify({ url, certificate }));
  } catch (error) {
    throw new Error(`Cannot write ${file}: ${fileProblem(error)}`, { cause: error });
  }
}

export async function disown(path: string): Promise<void> {
  await rm(ownerFile(path), { force: true });
}
