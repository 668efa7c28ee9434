import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

const { repository, homepage, bugs } = JSON.parse(read('package.json'));
const [, owner = '', name = ''] =
  /^git\+https:\/\/github\.com\/([\w-]+)\/([\w-]+)\.git$/.exec(repository.url) ?? [];

test('package.json says where the home of the project is', () => {
  const home = `https://github.com/${owner}/${name}`;
  expect({ homepage, bugs }).toEqual({ homepage: `${home}#readme`, bugs: `${home}/issues` });
});

test('every other file names that home', () => {
  // A checkout that another user made is as good.
  const list = ['-c', 'safe.directory=*', 'ls-files', '-z'];
  const files = execFileSync('git', list, { cwd: root, encoding: 'utf8' });
  const places =
    /\b(?:github(?:usercontent)?\.com|ghcr\.io)\/([\w-]*chaosgate[\w-]*)\/(?:charts\/)?([\w-]+)/g;
  const found = new Set<string>();
  for (const file of files.split('\0')) {
    if (!/\.(md|ya?ml|json|ts)$/.test(file)) continue;
    for (const [, itsOwner, itsName] of read(file).matchAll(places)) {
      found.add(`${itsOwner}/${itsName}`);
    }
  }
  expect([...found]).toEqual([`${owner}/${name}`]);
});

test('the chart takes its image from there', () => {
  const values = read('charts/chaosgate/values.yaml');
  expect(values).toMatch(
    new RegExp(`^  registry: ghcr\\.io\n  repository: ${owner}/${name}$`, 'm'),
  );
});
