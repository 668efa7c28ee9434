import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../process.ts';

/** Where the Dockerfile mounts the certificate authorities. */
const MOUNTED_CA = '/run/secrets/ca';

/** What of this machine's npm configuration an image build needs; all may be missing. */
interface NpmConfig {
  readonly userconfig?: string | null;
  readonly registry?: string | null;
  readonly cafile?: string | null;
}

/**
 * Lets `npm ci` in an image build reach what npm reaches on this machine: the user's npm configuration, the registry,
 * and the certificate authorities of npm's `cafile` or of NODE_EXTRA_CA_CERTS. They are mounted, so none of it gets
 * into the image.
 *
 * @param folder where to write; it holds credentials afterwards, so remove it after the build
 * @returns the Dockerfile's secrets: id and path
 */
export async function writeNpmSecrets(folder: string): Promise<Map<string, string>> {
  const config: NpmConfig = JSON.parse(await run(['npm', 'config', 'list', '--json']));
  const ca = [config.cafile, process.env.NODE_EXTRA_CA_CERTS].find(
    (path) => path && existsSync(path),
  );
  const user = config.userconfig && existsSync(config.userconfig) ? config.userconfig : undefined;

  const npmrc = join(folder, 'npmrc');
  const userText = user === undefined ? '' : await readFile(user, 'utf8');
  await writeFile(
    npmrc,
    npmrcText(userText, config.registry ?? undefined, ca ? MOUNTED_CA : undefined),
    {
      mode: 0o600,
    },
  );
  return new Map([['npmrc', npmrc], ...(ca ? ([['ca', ca]] as const) : [])]);
}

/** A user's npm configuration with what others than the user have set; the last line of a key counts. */
function npmrcText(user: string, registry?: string, cafile?: string): string {
  const lines = [user.trimEnd()];
  if (registry !== undefined) lines.push(`registry=${registry}`);
  if (cafile !== undefined) lines.push(`cafile=${cafile}`);
  return `${lines.filter(Boolean).join('\n')}\n`;
}
