import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

const ROOT = join(import.meta.dirname, '..');

/**
 * How the image runs chaosgate, with a bundle of this machine in place of the image's: the flags and the
 * environment are read from Dockerfile, so that what is measured is what is shipped.
 */
export async function imageProcess(
  bundle: string,
  moreFlags: readonly string[] = [],
): Promise<{ readonly command: readonly string[]; readonly env: Record<string, string> }> {
  const text = await readFile(join(ROOT, 'Dockerfile'), 'utf8');
  const entryPoint = /^ENTRYPOINT (\[.*\])$/m.exec(text)?.[1];
  const variables = /^ENV (.*)$/m.exec(text)?.[1];
  if (entryPoint === undefined || variables === undefined) {
    throw new Error('Dockerfile has no ENTRYPOINT or no ENV to go by');
  }
  const flags = (JSON.parse(entryPoint) as string[]).slice(1, -1);
  return {
    command: [process.execPath, ...flags, ...moreFlags, resolve(bundle)],
    env: Object.fromEntries(variables.split(' ').map((pair) => pair.split('=', 2))),
  };
}
