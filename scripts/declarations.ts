import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Writes `dist/types`: the declarations of the entries and those that they name, and not those of everything within. */
export async function writeDeclarations(root: string, entries: readonly string[]): Promise<void> {
  const all = await mkdtemp(join(tmpdir(), 'chaosgate-types-'));
  try {
    const tsc = join(root, 'node_modules/.bin/tsc');
    await run(tsc, ['-p', 'tsconfig.types.json', '--outDir', all], { cwd: root });
    for (const file of await reachable(all, entries)) {
      const target = join(root, 'dist/types', file);
      await mkdir(dirname(target), { recursive: true });
      await copyFile(join(all, file), target);
    }
  } finally {
    await rm(all, { recursive: true });
  }
}

async function reachable(folder: string, entries: readonly string[]): Promise<Set<string>> {
  const found = new Set<string>(entries);
  for (const file of found) {
    const text = await readFile(join(folder, file), 'utf8');
    for (const [, path = ''] of text.matchAll(/(?:from|import)\s*\(?['"](\.[^'"]+)\.ts['"]/g)) {
      found.add(join(dirname(file), `${path}.d.ts`));
    }
  }
  return found;
}
