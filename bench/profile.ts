/**
 * `npm run bench:profile -- NAME...`: one round of each measure with a proxy that is profiled. Writes where its time went to
 * docs/performance/profiles.md.
 */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FULL } from './effort.ts';
import { Generator } from './generator.ts';
import { allMeasures } from './measures/all.ts';
import { chaosgate } from './peers/chaosgate.ts';
import { ensurePrograms } from './programs.ts';
import { hotSpots, type Profile } from './report/profiles.ts';
import { runMeasure } from './runner.ts';

const ROOT = join(import.meta.dirname, '..');
const REPORT = join(ROOT, 'docs/performance/profiles.md');
const TITLE = `# Where the proxy spends its time

One round of each measure under Node.js' sampling profiler: \`npm run bench:profile -- NAME...\` writes this.`;
const EFFORT = { ...FULL, rounds: 1, seconds: 5 };

const names = process.argv.slice(2);
const chosen = allMeasures(EFFORT).filter(({ name }) => names.includes(name));
if (chosen.length < names.length)
  throw new Error(`Not all of these are measured: ${names.join(', ')}`);

const { load } = await ensurePrograms();
const generator = await Generator.start(load);
const sections: string[] = [];
try {
  for (const measure of chosen) {
    const folder = await mkdtemp(join(tmpdir(), 'chaosgate-profile-'));
    const flags = ['--cpu-prof', `--cpu-prof-dir=${folder}`];
    const peer = chaosgate(join(ROOT, 'dist/chaosgate.mjs'), { flags });
    await runMeasure(measure, { generator, effort: EFFORT }, [peer], '');
    sections.push(`## ${measure.name}\n\n${hotSpots(await newestProfile(folder))}\n`);
    await rm(folder, { recursive: true });
  }
} finally {
  await generator.stop();
}
await mkdir(join(ROOT, 'docs/performance'), { recursive: true });
await writeFile(REPORT, [TITLE, ...sections].join('\n\n'));
process.stdout.write(`${sections.join('\n')}\n`);

/** Their names begin with the time. */
async function newestProfile(folder: string): Promise<Profile> {
  const file = (await readdir(folder)).sort().at(-1);
  if (file === undefined) throw new Error('The proxy has written no profile');
  return JSON.parse(await readFile(join(folder, file), 'utf8'));
}
