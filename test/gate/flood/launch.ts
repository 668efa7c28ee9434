import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { MemoryCgroup } from './memoryCgroup.ts';
import type { Outcome, Scenario } from './scenario.ts';

/**
 * The buffers of sockets count for the whole machine (tcp(7), tcp_mem), and thousands of full ones would starve it: they
 * are small here. Least, first and most, in bytes.
 */
const BUFFERS = { tcp_rmem: '4096 65536 131072', tcp_wmem: '4096 16384 131072' };

/** Why there can be no flood here; undefined if there can. */
export const obstacle = MemoryCgroup.obstacle;

/** Floods a proxy in a network namespace and a control group of their own. */
export async function launch(scenario: Scenario): Promise<Outcome> {
  const settings = Object.entries(BUFFERS).map(
    ([name, value]) => `echo ${value} > /proc/sys/net/ipv4/${name}`,
  );
  const script = [
    'set -e',
    // Each connection has four sockets, two of them in each process.
    'ulimit -n "$(ulimit -H -n)"',
    'ip link set lo up',
    ...settings,
    'echo 4096 > /proc/sys/net/core/somaxconn',
    'exec "$@"',
  ].join('\n');
  const { stdout } = await promisify(execFile)('unshare', [
    '--net',
    'sh',
    '-c',
    script,
    'sh',
    process.execPath,
    join(import.meta.dirname, 'run.ts'),
    JSON.stringify(scenario),
  ]);
  return JSON.parse(stdout) as Outcome;
}
