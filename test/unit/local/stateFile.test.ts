import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readState, StateFileError, stateWriter } from '../../../src/local/stateFile.ts';
import { FULL, withFullDisk } from '../../local/support/fullDisk.ts';

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chaosgate-state-'));
  path = join(folder, 'state.json');
});

afterEach(() => rm(folder, { recursive: true }));

const gates = [{ metadata: { name: 'a' } }, { metadata: { name: 'b' } }];

describe('a state file', () => {
  test('that is not there holds no gates', async () => {
    expect(await readState(path)).toEqual([]);
  });

  test('gives back what was kept, for its owner alone, and leaves nothing beside it', async () => {
    await stateWriter(path)(gates);
    expect(await readState(path)).toEqual(gates);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).toEqual(['state.json']);
  });

  test('is as it was when the disk is full, which is told', async () => {
    await stateWriter(path)(gates);
    const failure = await withFullDisk(process.pid, () =>
      stateWriter(path)([]).catch((error: unknown) => error),
    );
    expect(failure).toBeInstanceOf(StateFileError);
    expect((failure as Error).message).toMatch(/Cannot write .*state\.json: /);
    expect((failure as Error).message).toMatch(FULL);
    expect(await readState(path)).toEqual(gates);
    expect(await readdir(folder)).toEqual(['state.json']);
    await stateWriter(path)([]);
    expect(await readState(path)).toEqual([]);
  });

  test.each(['', '{', 'null', '[]', '{"version":2,"gates":[]}', '{"version":1}'])(
    'with %j in it is not taken for one, and is left alone',
    async (content) => {
      await writeFile(path, content);
      await expect(readState(path)).rejects.toThrow(StateFileError);
      expect(await readFile(path, 'utf8')).toBe(content);
    },
  );

  test('that is a folder cannot be read', async () => {
    await expect(readState(folder)).rejects.toThrow(StateFileError);
  });
});
