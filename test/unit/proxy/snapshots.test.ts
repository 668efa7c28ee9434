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
    expect(await loadSnapshot(folders())).toEqual({
      snapshot: snapshotOf(3),
      isOwn: folder === 'state',
    });
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
  expect(await loadSnapshot(folders())).toMatchObject({
    snapshot: { generation: Math.max(mounted, state) },
    isOwn: state > mounted,
  });
});

test('of one generation it is the later run, and of one run the own, whose end is by the clock of this machine', async () => {
  const { mounted, state } = folders();
  const run = (number: number, endTime: string) => ({
    ...snapshotOf(3),
    run: { number, durationSeconds: 60 },
    endTime,
  });
  const [early, late] = ['2026-01-01T00:00:00Z', '2026-01-01T00:01:00Z'];
  await storeSnapshot(mounted, run(2, early));
  await storeSnapshot(state, run(2, late));
  expect(await loadSnapshot(folders())).toEqual({ snapshot: run(2, late), isOwn: true });
  await storeSnapshot(mounted, run(3, early));
  expect(await loadSnapshot(folders())).toEqual({ snapshot: run(3, early), isOwn: false });
});

test.each(['mounted', 'state'] as const)(
  'the lever that only the snapshot in %s has counts for its run, and for no later one',
  async (levered) => {
    const other = levered === 'mounted' ? 'state' : 'mounted';
    await storeSnapshot(folders()[levered], { ...snapshotOf(3), stop: 'Lever' });
    await storeSnapshot(folders()[other], snapshotOf(3));
    expect(await loadSnapshot(folders())).toMatchObject({ snapshot: { stop: 'Lever' } });
    await storeSnapshot(folders()[other], snapshotOf(4));
    expect((await loadSnapshot(folders()))?.snapshot).toEqual(snapshotOf(4));
  },
);

test('a snapshot replaces the one before, and leaves no draft', async () => {
  const { state } = folders();
  await storeSnapshot(state, snapshotOf(1, 'a-name-that-is-much-longer-than-the-next'));
  await storeSnapshot(state, snapshotOf(2));
  expect((await loadSnapshot(folders()))?.snapshot).toEqual(snapshotOf(2));
  expect(await readdir(state)).toEqual(['snapshot.json']);
});

test('a draft that a crash has left is no snapshot, and goes', async () => {
  const { state } = folders();
  await storeSnapshot(state, snapshotOf(1));
  await writeFile(join(state, `.snapshot.json.${process.pid}.abc123.draft`), '{"generation":2');
  expect((await loadSnapshot(folders()))?.snapshot).toEqual(snapshotOf(1));
  expect(await readdir(state)).toEqual(['snapshot.json']);
});

async function damage(folder: 'mounted' | 'state', text: string): Promise<string> {
  await mkdir(folders()[folder], { recursive: true });
  const path = join(folders()[folder], 'snapshot.json');
  await writeFile(path, text);
  return `Cannot read the snapshot in ${path}`;
}

// What a power cut leaves, a disk that was full, and what another version wrote.
const DAMAGED = ['', '{"generation":2', '{"generation":9,"config":{}}'];

test.each(
  (['mounted', 'state'] as const).flatMap((folder) =>
    DAMAGED.map((text) => [folder, text] as const),
  ),
)('a damaged snapshot in %s is passed over for the sound one: %j', async (folder, text) => {
  const other = folder === 'mounted' ? 'state' : 'mounted';
  await storeSnapshot(folders()[other], snapshotOf(5));
  const message = await damage(folder, text);
  const passedOver: string[] = [];
  const loaded = await loadSnapshot(folders(), (error) => passedOver.push(error.message));
  expect(loaded?.snapshot).toEqual(snapshotOf(5));
  expect(passedOver).toEqual([message]);
});

test('damaged snapshots and no sound one are an error', async () => {
  const message = await damage('state', '{');
  await expect(loadSnapshot(folders())).rejects.toThrow(message);
  await damage('mounted', '');
  await expect(loadSnapshot(folders())).rejects.toThrow(message);
});

test('a snapshot that cannot be opened is an error', async () => {
  await mkdir(join(folders().mounted, 'snapshot.json'), { recursive: true });
  await expect(loadSnapshot(folders())).rejects.toMatchObject({ cause: { code: 'EISDIR' } });
});
