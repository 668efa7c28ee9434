import { readFileSync } from 'node:fs';

/**
 * Milliseconds for which this thread could have run and got no processor, since it started (proc_pid_schedstat). What it
 * has not carried meanwhile is the machine's fault. 0 where the system does not tell.
 */
export function waitedForProcessor(): number {
  try {
    const [, waited] = readFileSync('/proc/thread-self/schedstat', 'latin1').split(' ');
    return Number(waited) / 1e6;
  } catch {
    // Not Linux.
    return 0;
  }
}
