import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../../..');
const pages = globSync(['*.md', 'docs/**/*.md', 'examples/**/*.md', 'charts/*/*.md'], {
  cwd: root,
});

/** Links to files of this repository: none with a scheme. */
const LINK = /\]\((?!\w+:)([^)#\s]*)(?:#([^)\s]+))?\)/g;

test.each(pages)('links of %s lead to files and headings that exist', (page) => {
  const text = readFileSync(join(root, page), 'utf8');
  const broken = [...text.matchAll(LINK)].filter(([, path = '', heading]) => {
    const target = path === '' ? page : relative(root, join(root, dirname(page), path));
    if (!existsSync(join(root, target))) return true;
    return heading !== undefined && !headings(target).includes(heading);
  });
  expect(broken.map(([link]) => link)).toEqual([]);
});

/** Headings of a page as GitHub makes anchors of them. */
function headings(page: string): string[] {
  const text = readFileSync(join(root, page), 'utf8');
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );
}
