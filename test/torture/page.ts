import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { linesOf, type Report } from './report.ts';

const PAGE = join(import.meta.dirname, '../../docs/reliability.md');

/** Puts the figures of a campaign into docs/reliability.md, in the place of those of an earlier one. */
export async function saveToPage(report: Report): Promise<void> {
  const page = await readFile(PAGE, 'utf8');
  const { stage } = report;
  const place = new RegExp(`(<!-- ${stage} -->\\n)[^]*?(<!-- end -->)`);
  if (!place.test(page)) throw new Error(`${PAGE} has no place for "${stage}"`);
  await writeFile(
    PAGE,
    page.replace(place, (_, begin, end) => `${begin}${table(report)}${end}`),
  );
}

function table(report: Report): string {
  const rows = linesOf(report).map(([what, figure]) => `| ${what} | ${figure} |\n`);
  return `| | ${report.machine} |\n|---|---|\n${rows.join('')}`;
}
