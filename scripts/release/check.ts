/** `node scripts/release/check.ts v1.2.3`: leaves with 1 and says why if that tag is not what these files are. */
import { readVersioned } from './files.ts';
import { releaseProblems } from './versions.ts';

const [tag = ''] = process.argv.slice(2);
const problems = releaseProblems(await readVersioned(), tag);
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
