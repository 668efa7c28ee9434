import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Snapshot, snapshot } from '../control/messages.ts';

const FILE = 'snapshot.json';

/** Where a proxy finds the last snapshot of its gate when nobody is there to tell it. */
export interface SnapshotFolders {
  /** Mounted from the gate's Secret; current in a new pod, up to two minutes old in a running one. */
  readonly mounted: string;
  /** Written by the proxy; outlives its container but not its pod. */
  readonly state: string;
}

/**
 * The newer of the two stored snapshots, undefined when there is none.
 * Rejects when one is there but can not be understood: better no gate than one with open faults.
 */
export async function loadSnapshot({
  mounted,
  state,
}: SnapshotFolders): Promise<Snapshot | undefined> {
  const found = (await Promise.all([mounted, state].map(readSnapshot))).filter(
    (candidate) => candidate !== undefined,
  );
  return found.sort((a, b) => b.generation - a.generation)[0];
}

/** Replaces the stored snapshot in one step: a crash leaves the old or the new one, never half of it. */
export async function storeSnapshot(folder: string, value: Snapshot): Promise<void> {
  await mkdir(folder, { recursive: true });
  const draft = join(folder, `${FILE}.new`);
  await writeFile(draft, JSON.stringify(value));
  await rename(draft, join(folder, FILE));
}

async function readSnapshot(folder: string): Promise<Snapshot | undefined> {
  const path = join(folder, FILE);
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  try {
    return snapshot.parse(JSON.parse(text));
  } catch (error) {
    throw new Error(`The snapshot in ${path} can not be read`, { cause: error });
  }
}
