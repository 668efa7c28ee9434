/** Upgrades the release under test, and takes it back to what it was. */
import { CHART } from './install.ts';
import { helm } from './kubectl.ts';
import { SYSTEM } from './system.ts';

/** `helm upgrade` with these options beside the values that the release has. */
export async function upgradeChart(...options: readonly string[]): Promise<void> {
  await helm([
    ...['upgrade', 'chaosgate', CHART, '-n', SYSTEM, '--reuse-values', '--wait'],
    ...['--timeout', '2m', ...options],
  ]);
}

/** Undoes the last `upgradeChart`. */
export async function rollBackChart(): Promise<void> {
  await helm(['rollback', 'chaosgate', '-n', SYSTEM, '--wait', '--timeout', '2m']);
}
