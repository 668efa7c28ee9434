/** Installs the chart under test once, however many projects of the cluster level run. */
import { setup as install } from './install.ts';

/** Each project loads this file by itself; what they share is the environment. */
const INSTALLED = 'CHAOSGATE_TEST_INSTALLED';

export function setup(): Promise<() => Promise<void>> | undefined {
  if (process.env[INSTALLED] !== undefined) return undefined;
  process.env[INSTALLED] = 'true';
  return install();
}
