/**
 * `npm run release:check -- v1.2.3`: prints `version=1.2.3` if these files are what is released under that tag; else
 * leaves with 1 and says why.
 */
import { readVersioned } from './files.ts';
import { releaseProblems } from './versions.ts';

const [tag = ''] = process.argv.slice(2);
const problems = releaseProblems(await readVersioned(), tag);
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
else console.log(`version=${tag.slice(1)}`);
