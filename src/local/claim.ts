import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { textIn } from './api/json.ts';
import { type Access, NAME, removeKubeconfig, writeKubeconfig } from './kubeconfig.ts';
import { isServed } from './served.ts';

/** The file belongs to somebody else. */
export class ClaimError extends Error {
  override readonly name = 'ClaimError';
}

/**
 * Rejects when another process serves what the kubeconfig in that file names, or when the file is something else: it
 * would be lost. A file that a process left behind when it was killed may be taken.
 */
export async function checkKubeconfig(path: string): Promise<void> {
  const text = await textOf(path);
  if (text === undefined || text.trim() === '') return;
  const access = accessIn(text);
  if (access === undefined) {
    throw new ClaimError(
      `${path} is not from "chaosgate up" and would be lost: name another file with --kubeconfig`,
    );
  }
  if (await isServed(access)) {
    throw new ClaimError(
      `Another "chaosgate up" serves ${path}: stop it, or name another file with --kubeconfig`,
    );
  }
}

/** Writes the kubeconfig. The result takes it away again, unless somebody else has it by then. */
export async function claimKubeconfig(path: string, access: Access): Promise<() => Promise<void>> {
  await writeKubeconfig(path, access);
  return () => removeKubeconfig(path, access);
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw new ClaimError(`${path} can not be read: ${message}`, { cause: error });
  }
}

/** What is in a kubeconfig that this program wrote and somebody may have edited; undefined when it did not. */
function accessIn(text: string): Omit<Access, 'token'> | undefined {
  try {
    const { clusters } = parse(text) as { clusters: readonly unknown[] };
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
