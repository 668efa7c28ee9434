import { constants } from 'node:fs';
import { access, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { removeDrafts } from '../files/atomicFile.ts';
import { fileProblem, hasCode } from '../files/fileProblem.ts';
import { makeFolder } from '../files/makeFolder.ts';
import { textIn } from '../json/json.ts';
import { parseYaml } from '../yaml/read.ts';
import { type Access, NAME, removeKubeconfig, writeKubeconfig } from './kubeconfig.ts';
import { isServed } from './served.ts';

/** The file belongs to somebody else. */
export class ClaimError extends Error {
  override readonly name = 'ClaimError';
}

const ADVICE = 'use another file with --kubeconfig';

/**
 * Rejects when another process serves what the kubeconfig in that file names, when the file is something else, which
 * would be lost, or when it could not be written. A file that a process left behind when it was killed may be taken.
 */
export async function checkKubeconfig(path: string): Promise<void> {
  await checkFolder(path);
  await removeDrafts(path);
  const text = await textOf(path);
  if (text === undefined || text.trim() === '') return;
  const access = accessIn(text);
  if (access === undefined) {
    throw new ClaimError(`${path} was not written by "chaosgate up" and would be lost: ${ADVICE}`);
  }
  if (await isServed(access)) {
    throw new ClaimError(`Another "chaosgate up" serves ${path}: stop it, or ${ADVICE}`);
  }
}

/** Writes the kubeconfig. The result takes it away again, unless somebody else has it by then. */
export async function claimKubeconfig(path: string, access: Access): Promise<() => Promise<void>> {
  await writeKubeconfig(path, access).catch((error: unknown) => {
    throw new ClaimError(`Cannot write ${path}: ${fileProblem(error)}: ${ADVICE}`);
  });
  return () => removeKubeconfig(path, access);
}

async function checkFolder(path: string): Promise<void> {
  const folder = dirname(path);
  try {
    await makeFolder(folder);
    await access(folder, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new ClaimError(`Cannot write ${path}: ${fileProblem(error)}: ${ADVICE}`);
  }
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw new ClaimError(`Cannot read ${path}: ${fileProblem(error)}: ${ADVICE}`);
  }
}

/** What is in a kubeconfig that this program wrote and somebody may have edited; undefined when it did not. */
function accessIn(text: string): Omit<Access, 'token'> | undefined {
  try {
    const { clusters } = parseYaml(text).value as { clusters: readonly unknown[] };
    const [first] = clusters;
    const { name, cluster } = first as { name: string; cluster: unknown };
    const url = textIn(cluster, 'server');
    if (clusters.length > 1 || name !== NAME || !url.startsWith('https://127.0.0.1:')) return;
    const ca = textIn(cluster, 'certificate-authority-data');
    return { url, certificate: Buffer.from(ca, 'base64').toString() };
  } catch {
    // No YAML, or none of a kubeconfig.
    return undefined;
  }
}
