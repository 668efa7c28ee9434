import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { until } from '../poll.ts';
import { run } from '../process.ts';
import type { Layout } from './layout.ts';
import { INIT_PID, MARKER, UNSHARE_PID } from './processes.ts';

/** The command, to be run in the node's network. `ip netns exec` would hide the cgroups. */
export function inNetworkOf(layout: Layout, command: readonly string[]): string[] {
  return ['nsenter', `--net=${layout.networkNamespace}`, '--', ...command];
}

/**
 * Starts a command as PID 1 of new namespaces, which end with it. It outlives this process; `tearDown` ends it.
 *
 * @param log the file that gets what it writes
 */
export async function startNamespaces(
  layout: Layout,
  log: string,
  init: readonly string[],
): Promise<void> {
  const output = await open(log, 'a');
  const unshare = [
    ...['unshare', '--pid', '--fork', '--kill-child=KILL', '--mount', '--propagation', 'private'],
    ...['--mount-proc', '--net', '--ipc', '--uts'],
    ...init,
  ];
  // The pid is on record before anything exists that a later `down` would have to find by it.
  const recordAndBecome = `echo $$ >"$0" && exec "$@"`;
  const child = spawn('sh', ['-c', recordAndBecome, join(layout.state, UNSHARE_PID), ...unshare], {
    detached: true,
    cwd: '/',
    env: { PATH: process.env.PATH, HOME: '/', [MARKER]: layout.state },
    stdio: ['ignore', output.fd, output.fd],
  });
  await once(child, 'spawn');
  child.unref();
  await output.close();
  const pid = await firstChild(child.pid);
  await writeFile(join(layout.state, INIT_PID), `${pid}\n`);
  await run(['ip', 'netns', 'attach', layout.name, String(pid)]);
}

async function firstChild(pid: number | undefined): Promise<number> {
  let child = 0;
  await until('unshare starts PID 1', { timeoutMs: 10_000, intervalMs: 5 }, async () => {
    child = Number((await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).split(' ')[0]);
    return child > 0;
  });
  return child;
}
