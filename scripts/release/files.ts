import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { VERSIONED, type VersionedFiles } from './versions.ts';

export const ROOT = join(import.meta.dirname, '../..');

export async function readVersioned(): Promise<VersionedFiles> {
  const texts = VERSIONED.map(async (path) => [path, await readFile(join(ROOT, path), 'utf8')]);
  return Object.fromEntries(await Promise.all(texts));
}
