import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * Does something while a process can write no byte to any file: the kernel refuses it (EFBIG), as it does on a full disk
 * (ENOSPC). Pipes and sockets go on.
 */
export async function withFullDisk<T>(pid: number | undefined, work: () => Promise<T>): Promise<T> {
  const limit = ['--pid', String(pid), '--fsize'];
  const { stdout } = await run('prlimit', [...limit, '--raw', '--noheadings', '--output', 'SOFT']);
  await run('prlimit', ['--pid', String(pid), '--fsize=0:']);
  try {
    return await work();
  } finally {
    await run('prlimit', ['--pid', String(pid), `--fsize=${stdout.trim()}:`]);
  }
}

/** What is said then. */
export const FULL = /too large|no space left/;
