import { PLURAL } from '../../api/names.ts';
import { isNotFound } from '../../kube/errors.ts';
import type { KubeObject, ObjectRef } from '../../kube/objects.ts';
import { TCP_GATES } from '../../operator/resources.ts';
import type { Connection } from './connect.ts';
import { forEach } from './failures.ts';
import { refsOf, type Selection } from './selection.ts';
import { UsageError } from './usageError.ts';
import { Watched } from './watched.ts';

const WEEK = 7 * 24 * 60 * 60 * 1_000;

/** How often `--for=create` looks; milliseconds. */
const POLL = 500;

/** Waits until gates that are being deleted are gone, finalizers included. */
export async function untilAllDeleted(
  connection: Connection,
  gates: readonly Deleted[],
  milliseconds: number,
): Promise<void> {
  const timeout = new Timeout(milliseconds === 0 ? WEEK : milliseconds);
  const watched = new Watched(connection);
  try {
    await forEach(gates, async (gate) => {
      // Most are gone at once, and nothing has to be watched.
      if (!(await isDeleted(connection, gate))) await untilDeleted(watched, gate, timeout);
    });
  } finally {
    await watched.stop();
  }
}

export interface Deleted {
  readonly metadata: ObjectRef & { readonly uid?: string | undefined };
}

/** The longest to wait for all of them together. */
export class Timeout {
  readonly isOnce: boolean;
  readonly signal: AbortSignal;

  /** @param milliseconds 0 looks once, and less waits for a week */
  constructor(milliseconds: number) {
    this.isOnce = milliseconds === 0;
    this.signal = AbortSignal.timeout(milliseconds < 0 ? WEEK : milliseconds);
  }
}

export function untilDeleted(watched: Watched, gate: Deleted, timeout: Timeout): Promise<void> {
  return until(watched, gate.metadata, (found) => isGone(gate, found), timeout);
}

async function isDeleted({ kube }: Connection, gate: Deleted): Promise<boolean> {
  try {
    return isGone(gate, await kube.get(TCP_GATES, gate.metadata));
  } catch (error) {
    if (isNotFound(error)) return true;
    throw error;
  }
}

/** One of the same name that came after it is another one. */
function isGone({ metadata: { uid } }: Deleted, found: KubeObject | undefined): boolean {
  return found === undefined || (uid !== undefined && found.metadata.uid !== uid);
}

/** Waits until a gate is as it shall be. Rejects with a `UsageError` when it was not in time. */
export async function until(
  watched: Watched,
  ref: ObjectRef,
  isMet: (gate: KubeObject | undefined) => boolean,
  { isOnce, signal }: Timeout,
): Promise<void> {
  const what = `${PLURAL}/${ref.name}`;
  while (!isMet(await watched.find(ref))) {
    if (isOnce) throw new UsageError(`condition not met for ${what}`);
    if (signal.aborted) throw new UsageError(`timed out waiting for the condition on ${what}`);
    await watched.change(signal);
  }
}

/** Until all gates that are named are there, or any of a list. */
export async function untilCreated(
  connection: Connection,
  selection: Selection,
  { isOnce, signal }: Timeout,
): Promise<void> {
  while (!(await areThere(connection, selection))) {
    if (isOnce || signal.aborted) throw new UsageError('timed out waiting for the condition');
    await new Promise((resolve) => {
      const timer = setTimeout(resolve, POLL);
      signal.addEventListener('abort', () => {
        clearTimeout(timer);
        resolve(undefined);
      });
    });
  }
}

async function areThere(connection: Connection, selection: Selection): Promise<boolean> {
  const refs = await refsOf(connection, selection);
  if (selection.by === 'list') return refs.length > 0;
  for (const { ref } of refs) {
    try {
      await connection.kube.get(TCP_GATES, ref);
    } catch (error) {
      if (isNotFound(error)) return false;
      throw error;
    }
  }
  return refs.length > 0;
}
