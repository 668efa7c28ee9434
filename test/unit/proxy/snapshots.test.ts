import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Snapshot } from '../../../src/control/messages.ts';
import { gateConfig } from '../../../src/gate/config.ts';
import { loadSnapshot, storeSnapshot } from '../../../src/proxy/snapshots.ts';

let root = '';
const folders = () => ({ mounted: join(root, 'mounted'), state: join(root, 'state') });

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'chaosgate-'));
});
afterEach(() => rm(root, { recursive: true }));

function snapshotOf(generation: number, host = 'db'): Snapshot {
  return { generation, config: gateConfig.parse({ upstream: { host, port: 5432 } }) };
}

test('no folder and no file is no snapshot', async () => {
  expect(await loadSnapshot(folders())).toBeUndefined();
  await mkdir(folders().mounted);
  expect(await loadSnapshot(folders())).toBeUndefined();
});

test.each(['mounted', 'state'] as const)(
  'one snapshot is it, here the one in %s',
  async (folder) => {
    await storeSnapshot(folders()[folder], snapshotOf(3));
    expect(await loadSnapshot(folders())).toEqual(snapshotOf(3));
  },
);

test.each([
  [8, 9],
  [10, 9],
  // Numbers, and not texts.
  [100, 99],
])('of the generations %i and %i the larger one is it', async (mounted, state) => {
  await storeSnapshot(folders().mounted, snapshotOf(mounted));
  await storeSnapshot(folders().state, snapshotOf(state));
  expect(await loadSnapshot(folders())).toMatchObject({ generation: Math.max(mounted, state) });
});

test('a snapshot replaces the one before, and leaves no draft', async () => {
  const { state } = folders();
  await storeSnapshot(state, snapshotOf(1, 'a-name-that-is-much-longer-than-the-next'));
  await storeSnapshot(state, snapshotOf(2));
  expect(await loadSnapshot(folders())).toEqual(snapshotOf(2));
  expect(await readdir(state)).toEqual(['snapshot.json']);
});

test('a draft that a crash has left is no snapshot', async () => {
  const { state } = folders();
  await storeSnapshot(state, snapshotOf(1));
  await writeFile(join(state, 'snapshot.json.new'), '{"generation":2');
  expect(await loadSnapshot(folders())).toEqual(snapshotOf(1));
});

test.each(['mounted', 'state'] as const)(
  'a broken snapshot in %s is an error, although the other one is whole',
  async (folder) => {
    const other = folder === 'mounted' ? 'state' : 'mounted';
    await storeSnapshot(folders()[other], snapshotOf(5));
    await mkdir(folders()[folder]);
    const path = join(folders()[folder], 'snapshot.json');
    await writeFile(path, '{"generation":2');
    const failure = loadSnapshot(folders());
    await expect(failure).rejects.toThrow(`The snapshot in ${path} can not be read`);
  },
);

test('a snapshot that can not be opened is an error', async () => {
  await mkdir(join(folders().mounted, 'snapshot.json'), { recursive: true });
  await expect(loadSnapshot(folders())).rejects.toMatchObject({ code: 'EISDIR' });
});
