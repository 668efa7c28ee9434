import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Results, readResults } from '../results.ts';
import { chart } from './charts.ts';
import { partsOf } from './declared.ts';
import { markdown } from './markdown.ts';

const ROOT = join(import.meta.dirname, '../..');

/** Where the figures of the last whole run are kept. */
export const RESULTS = join(ROOT, 'docs/performance/results.json');

/** The report's files by their paths in the repository; none without figures. */
export async function reportFiles(): Promise<Record<string, string>> {
  const results = await readResults(RESULTS);
  return results === undefined ? {} : filesOf(results);
}

export async function writeReport(): Promise<void> {
  for (const [path, content] of Object.entries(await reportFiles())) {
    await mkdir(dirname(join(ROOT, path)), { recursive: true });
    await writeFile(join(ROOT, path), content);
  }
}

function filesOf(results: Results): Record<string, string> {
  const charts = partsOf(results.figures).map((part) => [
    `docs/performance/${part.name}.svg`,
    chart(part),
  ]);
  return { 'docs/performance.md': markdown(results), ...Object.fromEntries(charts) };
}
