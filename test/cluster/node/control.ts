import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import type { Daemon } from './daemons.ts';
import type { Layout } from './layout.ts';

/**
 * Tells init.sh to start or stop a daemon; it does so soon after.
 *
 * @throws ENXIO when no init.sh is there to read it.
 */
export async function tell(layout: Layout, verb: 'start' | 'stop', daemon: Daemon): Promise<void> {
  await using fifo = await openControl(layout);
  await fifo.write(`${verb} ${daemon}\n`);
}

/** Whether init.sh has come so far that it takes orders. */
export async function isListening(layout: Layout): Promise<boolean> {
  try {
    await using _fifo = await openControl(layout);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENXIO') return false;
    throw error;
  }
}

/** Opening a fifo for writing would hang while nobody reads it; see fifo(7). */
function openControl({ control }: Layout): Promise<FileHandle> {
  return open(control, constants.O_WRONLY | constants.O_NONBLOCK);
}
