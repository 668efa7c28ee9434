import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Snapshot, snapshot } from '../control/messages.ts';
import { removeDrafts, writeAtomically } from '../files/atomicFile.ts';

const FILE = 'snapshot.json';

/** Where a proxy finds the last snapshot of its gate when nobody is there to tell it. */
export interface SnapshotFolders {
  /** Mounted from the gate's Secret; current in a new pod, up to two minutes old in a running one. */
  readonly mounted: string;
  /** Written by the proxy; outlives its container but not its pod. */
  readonly state: string;
}

/**
 * The newer of the two stored snapshots, undefined when there is none. One that is damaged is passed over for a sound
 * one: the operator sends the latest as soon as it connects.
 * Rejects when all that is there is damaged: better no gate than one with open faults.
 *
 * @param onDamaged told of a snapshot that is passed over
 */
export async function loadSnapshot(
  { mounted, state }: SnapshotFolders,
  onDamaged: (error: Error) => void = () => {},
): Promise<Snapshot | undefined> {
  await removeDrafts(join(state, FILE));
  const results = await Promise.allSettled([mounted, state].map(readSnapshot));
  const sound: Snapshot[] = [];
  const damaged: Error[] = [];
  for (const result of results) {
    if (result.status === 'rejected') damaged.push(result.reason);
    else if (result.value !== undefined) sound.push(result.value);
  }
  const [newest] = sound.sort((a, b) => b.generation - a.generation);
  const [first] = damaged;
  if (newest === undefined && first !== undefined) throw first;
  for (const error of damaged) onDamaged(error);
  return newest;
}

/** Replaces the stored snapshot in one step: a crash or a power cut leaves the old or the new one, never half of it. */
export async function storeSnapshot(folder: string, value: Snapshot): Promise<void> {
  await writeAtomically(join(folder, FILE), JSON.stringify(value));
}

async function readSnapshot(folder: string): Promise<Snapshot | undefined> {
  const path = join(folder, FILE);
  try {
    return snapshot.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new Error(`Cannot read the snapshot in ${path}`, { cause: error });
  }
}
