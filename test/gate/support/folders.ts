import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KEY_BYTES } from '../../../src/control/psk.ts';
import type { SnapshotFolders } from '../../../src/proxy/snapshots.ts';
import { atEnd } from './atEnd.ts';

export const IDENTITY = 'staging/postgres';

export interface Folders extends SnapshotFolders {
  readonly key: Buffer;
}

/** What a proxy's pod has mounted; snapshots are given as objects, or as the text of a broken one. */
export async function proxyFolders({
  mounted,
  stored,
  key = randomBytes(KEY_BYTES),
}: {
  mounted?: object | string;
  stored?: object | string;
  key?: Buffer;
} = {}): Promise<Folders> {
  const root = await mkdtemp(join(tmpdir(), 'chaosgate-'));
  atEnd(() => rm(root, { recursive: true }));
  const folders = { mounted: join(root, 'mounted'), state: join(root, 'state'), key };
  await mkdir(folders.mounted);
  await writeFile(join(folders.mounted, 'identity'), `${IDENTITY}\n`);
  await writeFile(join(folders.mounted, 'key'), key);
  if (mounted !== undefined) await write(folders.mounted, mounted);
  if (stored !== undefined) {
    await mkdir(folders.state);
    await write(folders.state, stored);
  }
  return folders;
}

function write(folder: string, snapshot: object | string): Promise<void> {
  const text = typeof snapshot === 'string' ? snapshot : JSON.stringify(snapshot);
  return writeFile(join(folder, 'snapshot.json'), text);
}

/** Waits until that generation is stored, at most as long as the test may take. What is stored is never broken. */
export async function storedGeneration(folder: string, generation: number): Promise<void> {
  let last: number | undefined;
  while (last !== generation) {
    const text = await readFile(join(folder, 'snapshot.json'), 'utf8').catch(() => '{}');
    ({ generation: last } = JSON.parse(text));
  }
}
