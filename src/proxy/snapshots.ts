import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type StoredSnapshot, storedSnapshot } from '../control/storedSnapshot.ts';
import { removeDrafts, writeAtomically } from '../files/atomicFile.ts';

const FILE = 'snapshot.json';

/** Where a proxy finds the last snapshot of its gate when nobody is there to tell it. */
export interface SnapshotFolders {
  /** Mounted from the gate's Secret; current in a new pod, up to two minutes old in a running one. */
  readonly mounted: string;
  /** Written by the proxy; outlives its container but not its pod. */
  readonly state: string;
}

export interface LoadedSnapshot {
  readonly snapshot: StoredSnapshot;
  /** The proxy stored it itself, by the clock of this machine. */
  readonly isOwn: boolean;
}

/**
 * The newer of the two stored snapshots, undefined when there is none. Of two of the same run it is the proxy's own, which
 * knows its end by the clock of this machine; the lever counts that either of them has. One that is damaged is passed over for a sound
 * one: the operator sends the latest as soon as it connects.
 * Rejects when all that is there is damaged: better no gate than one with open faults.
 *
 * @param onDamaged told of a snapshot that is passed over
 */
export async function loadSnapshot(
  { mounted, state }: SnapshotFolders,
  onDamaged: (error: Error) => void = () => {},
): Promise<LoadedSnapshot | undefined> {
  await removeDrafts(join(state, FILE));
  const results = await Promise.allSettled([
    readSnapshot(state, true),
    readSnapshot(mounted, false),
  ]);
  const sound: LoadedSnapshot[] = [];
  const damaged: Error[] = [];
  for (const result of results) {
    if (result.status === 'rejected') damaged.push(result.reason);
    else if (result.value !== undefined) sound.push(result.value);
  }
  const [newest, other] = sound.sort((a, b) => compareAge(b.snapshot, a.snapshot));
  const [first] = damaged;
  if (newest === undefined && first !== undefined) throw first;
  for (const error of damaged) onDamaged(error);
  if (newest === undefined || other === undefined) return newest;
  const stop = newest.snapshot.stop ?? other.snapshot.stop;
  if (stop === undefined || compareAge(newest.snapshot, other.snapshot) > 0) return newest;
  return { ...newest, snapshot: { ...newest.snapshot, stop } };
}

/** Positive when `a` is newer. */
function compareAge(a: StoredSnapshot, b: StoredSnapshot): number {
  return a.generation - b.generation || (a.run?.number ?? 0) - (b.run?.number ?? 0);
}

/** Replaces the stored snapshot in one step: a crash or a power cut leaves the old or the new one, never half of it. */
export async function storeSnapshot(folder: string, value: StoredSnapshot): Promise<void> {
  await writeAtomically(join(folder, FILE), JSON.stringify(value));
}

async function readSnapshot(folder: string, isOwn: boolean): Promise<LoadedSnapshot | undefined> {
  const path = join(folder, FILE);
  try {
    const snapshot = storedSnapshot.parse(JSON.parse(await readFile(path, 'utf8')));
    return { snapshot, isOwn };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new Error(`Cannot read the snapshot in ${path}`, { cause: error });
  }
}
