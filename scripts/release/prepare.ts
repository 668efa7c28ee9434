/** `npm run release:prepare -- 1.2.3`: writes the version into every file that says it. RELEASE.md has what is next. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT, readVersioned } from './files.ts';
import { withVersion } from './versions.ts';

const [version = ''] = process.argv.slice(2);
const today = new Date().toISOString().slice(0, 10);
try {
  const files = withVersion(await readVersioned(), version, today);
  for (const [path, text] of Object.entries(files)) await writeFile(join(ROOT, path), text);
} catch (error) {
  if (!(error instanceof RangeError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
