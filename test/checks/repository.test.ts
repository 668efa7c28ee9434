import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { generatedFiles } from '../../scripts/generated.ts';

const root = join(import.meta.dirname, '../..');
const run = promisify(execFile);

/** Fails with the tool's own output, which says where and what. */
async function passes(tool: string, ...args: string[]): Promise<void> {
  const failure = await run(join(root, 'node_modules/.bin', tool), args, {
    cwd: root,
    maxBuffer: 64 * 1024 * 1024,
  }).then(
    () => '',
    (error: { stdout: string; stderr: string }) => `${error.stdout}${error.stderr}`,
  );
  expect(failure).toBe('');
}

test('the code is formatted and free of lint', () => passes('biome', 'ci', '.'));

test('no promise is left floating', () =>
  passes('oxlint', '--type-aware', 'src', 'scripts', 'test', 'bench', 'examples'));

test('the types agree', () => passes('tsc', '-p', '.'));

test('nothing is unused', () => passes('knip'));

test.each(Object.entries(await generatedFiles()))(
  '%s is what `npm run generate` writes',
  async (path, content) => {
    expect(await readFile(join(root, path), 'utf8')).toBe(content);
  },
);
