import { readFile, rm } from 'node:fs/promises';
import { writeAtomically } from '../files/atomicFile.ts';
import { writeYaml } from '../yaml/write.ts';

/** Where an API is and how to be let in. */
export interface Access {
  /** `https://127.0.0.1:...` */
  readonly url: string;
  /** Certificate to trust, PEM. */
  readonly certificate: string;
  readonly token: string;
}

export const NAME = 'chaosgate';

/** The text of a kubeconfig for it. */
export function kubeconfigOf({ url, certificate, token }: Access): string {
  const ca = Buffer.from(certificate).toString('base64');
  return writeYaml({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': NAME,
    clusters: [{ name: NAME, cluster: { server: url, 'certificate-authority-data': ca } }],
    users: [{ name: NAME, user: { token } }],
    contexts: [{ name: NAME, context: { cluster: NAME, user: NAME, namespace: 'default' } }],
  });
}

/** Writes it, for its owner's eyes alone. An older one makes way. */
export async function writeKubeconfig(path: string, access: Access): Promise<void> {
  await writeAtomically(path, kubeconfigOf(access));
}

/** Takes it away again, if it is still the one of this access: another process may have written its own since. */
export async function removeKubeconfig(path: string, access: Access): Promise<void> {
  const content = await readFile(path, 'utf8').catch(() => undefined);
  if (content === kubeconfigOf(access)) await rm(path, { force: true });
}
