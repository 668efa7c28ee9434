import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

const FOLDER = join(import.meta.dirname, 'last');
/** The definition's path in the repository. */
export const DEFINITION = 'crds/chaosgate.dev_tcpgates.yaml';
/** What is kept of the last release: its tag, or a commit until there is one, and its definition. */
export const LAST_REF = join(FOLDER, 'ref');
export const LAST_DEFINITION = join(FOLDER, 'chaosgate.dev_tcpgates.yaml');

/** The last release, for git: upgrades from it and downgrades to it are promised, and tested. */
export async function lastRelease(): Promise<string> {
  return (await readFile(LAST_REF, 'utf8')).trim();
}
