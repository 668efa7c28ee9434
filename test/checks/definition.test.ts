import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { type Definition, definitionBreaks } from '../../scripts/release/definitionBreaks.ts';
import { DEFINITION, LAST_DEFINITION, lastRelease } from '../../scripts/release/lastRelease.ts';

const root = join(import.meta.dirname, '../..');

/**
 * What `definitionBreaks` finds and the next release does all the same, with the reason: either it cannot tell that no
 * stored gate is concerned, or RELEASE.md allows the break and the changelog says how stored gates are converted.
 */
const ACCEPTED: Readonly<Record<string, string>> = {
  'spec: a rule without oldSelf is new: has(self.upstream) || has(self.service)':
    'the last release required an upstream',
  'spec: a rule without oldSelf is new: !has(self.upstream) || !has(self.service)':
    'the last release had no service',
  'spec: a rule without oldSelf is new: !has(self.listen) || !has(self.service)':
    'the last release had no service',
};

async function definition(path: string): Promise<Definition> {
  return parse(await readFile(path, 'utf8'));
}

test('gates that the last release stored stay whole and valid', async () => {
  const before = await definition(LAST_DEFINITION);
  const after = await definition(join(root, DEFINITION));
  expect(definitionBreaks(before, after)).toEqual(Object.keys(ACCEPTED));
});

test('the definition that is kept of the last release is that of its commit', async () => {
  const git = (...args: string[]) => promisify(execFile)('git', args, { cwd: root });
  const release = await lastRelease();
  const known = await git('cat-file', '-e', `${release}^{commit}`).catch(() => undefined);
  // A clone without its history has nothing to hold the file against; the one above needs the file alone.
  if (known === undefined) {
    expect((await git('rev-parse', '--is-shallow-repository')).stdout.trim()).toBe('true');
    return;
  }
  const { stdout } = await git('show', `${release}:${DEFINITION}`);
  expect(await readFile(LAST_DEFINITION, 'utf8')).toBe(stdout);
});
