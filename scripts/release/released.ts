/** `npm run release:released -- v1.2.3`: makes this tag the release that later changes are held against. */
import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { ROOT } from './files.ts';
import { DEFINITION, LAST_DEFINITION, LAST_REF } from './lastRelease.ts';

const [tag = ''] = process.argv.slice(2);
if (!/^v\d+\.\d+\.\d+(-[\w.]+)?$/.test(tag)) {
  console.error(`Name the tag of a release, such as v1.2.3, and not "${tag}"`);
  process.exitCode = 1;
} else {
  const definition = execFileSync('git', ['show', `${tag}:${DEFINITION}`], { cwd: ROOT });
  await writeFile(LAST_DEFINITION, definition);
  await writeFile(LAST_REF, `${tag}\n`);
}
