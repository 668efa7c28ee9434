import { execFileSync } from 'node:child_process';
import {
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { removeDrafts, writeAtomically } from '../../../src/files/atomicFile.ts';
import { fileProblem } from '../../../src/files/fileProblem.ts';
import { withFullDisk } from '../../local/support/fullDisk.ts';

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chaosgate-atomic-'));
  path = join(folder, 'config');
});

afterEach(() => rm(folder, { recursive: true }));

/** A process id of which the process has ended. */
function deadProcess(): number {
  return Number(execFileSync('sh', ['-c', 'echo $$'], { encoding: 'utf8' }));
}

const draftOf = (pid: number) => join(folder, `.config.${pid}.00ff.draft`);

/** Polls until the promise is settled. */
async function whilePending(promise: Promise<void>, look: () => Promise<void>): Promise<void> {
  let isPending = true;
  const done = promise.finally(() => {
    isPending = false;
  });
  while (isPending) await look();
  await done;
}

describe('a file that is written', () => {
  test('is for its owner alone, whatever it was before, and leaves nothing beside it', async () => {
    await writeFile(path, 'old');
    await chmod(path, 0o666);
    await writeAtomically(path, 'new');
    expect(await readFile(path, 'utf8')).toBe('new');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).toEqual(['config']);
  });

  test('is not written through a link of its name', async () => {
    const precious = join(folder, 'precious');
    await writeFile(precious, 'of the victim');
    await symlink(precious, path);
    await writeAtomically(path, 'token');
    expect(await readFile(precious, 'utf8')).toBe('of the victim');
    expect((await lstat(path)).isFile()).toBe(true);
    expect(await readFile(path, 'utf8')).toBe('token');
  });

  test('has a draft that nobody can guess, and nobody else can read', async () => {
    const drafts = new Map<string, number>();
    for (let round = 0; round < 20; round += 1) {
      await whilePending(writeAtomically(path, 'x'.repeat(1_000_000)), async () => {
        const names = (await readdir(folder)).filter((name) => name !== 'config');
        for (const name of names) {
          const found = await lstat(join(folder, name)).catch(() => undefined);
          if (found !== undefined) drafts.set(name, found.mode & 0o777);
        }
      });
    }
    expect(drafts.size).toBeGreaterThan(1);
    for (const name of drafts.keys()) expect(name).toMatch(/\.[\da-f]{32}\.draft$/);
    expect(new Set(drafts.values())).toEqual(new Set([0o600]));
  });

  test('is as it was when the disk is full', async () => {
    await writeAtomically(path, 'old');
    await withFullDisk(process.pid, async () => {
      await expect(writeAtomically(path, 'new')).rejects.toThrow();
    });
    expect(await readFile(path, 'utf8')).toBe('old');
    expect(await readdir(folder)).toEqual(['config']);
  });
});

describe('drafts', () => {
  test('of processes that are gone are taken away, and others are not', async () => {
    const parent = process.ppid;
    const others = [draftOf(parent), join(folder, '.config.1.draft'), join(folder, 'config')];
    const left = [draftOf(deadProcess()), draftOf(process.pid)];
    for (const file of [...others, ...left]) await writeFile(file, 'half');
    const folderOfTheName = join(folder, `.config.${deadProcess()}.aa.draft`);
    await mkdir(folderOfTheName);
    await removeDrafts(path);
    const names = await readdir(folder);
    expect(names.map((name) => join(folder, name)).sort()).toEqual(
      [...others, folderOfTheName].sort(),
    );
  });

  test('of a folder that is not there are none', async () => {
    await removeDrafts(join(folder, 'nowhere', 'config'));
  });
});

test.each([
  ['ENOSPC', 'no space left on the disk'],
  ['EROFS', 'the file system is read-only'],
  ['EWHATEVER', 'EWHATEVER: said the system'],
])('%s is "%s"', (code, words) => {
  expect(fileProblem(Object.assign(new Error('said the system'), { code }))).toBe(words);
});
