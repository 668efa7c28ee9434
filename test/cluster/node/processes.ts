import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { until } from '../poll.ts';
import { run, succeeds } from '../process.ts';
import type { Layout } from './layout.ts';

/** Every process of a node but those in its pods has this in its environment, followed by the node's folder. */
export const MARKER = 'CHAOSGATE_TEST_NODE';

/** Files in a node's folder that hold pids of this machine. */
export const UNSHARE_PID = 'unshare.pid';
export const INIT_PID = 'init.pid';
/** Of the way out of the network, where there is one. */
export const WAY_OUT_PID = 'way-out.pid';

/** Whether a process runs and is this node's: a recorded pid may belong to a stranger by now. */
function isOfNode(pid: number, layout: Layout): boolean {
  const environment = readProc(pid, 'environ');
  return environment?.split('\0').includes(`${MARKER}=${layout.state}`) ?? false;
}

/** Whether PID 1 of the node runs. */
export async function isRunning(layout: Layout): Promise<boolean> {
  const pid = await recordedPid(layout, INIT_PID);
  return pid !== undefined && isOfNode(pid, layout);
}

/** Ends all processes of a node, also those of a node whose folder is lost. Others are left alone. */
export async function endProcesses(layout: Layout): Promise<void> {
  const recorded = await Promise.all(
    [UNSHARE_PID, INIT_PID, WAY_OUT_PID].map((file) => recordedPid(layout, file)),
  );
  const pids = [...recorded, ...(await pidsInNetwork(layout))]
    .filter((pid) => pid !== undefined)
    .filter((pid) => isOfNode(pid, layout));
  for (const pid of pids) kill(pid);
  await until(`the processes ${pids.join(', ')} end`, { timeoutMs: 15_000, intervalMs: 20 }, () =>
    pids.every(hasEnded),
  );
}

/** PID 1 of a PID namespace turns into a zombie only after the last process in it is gone; see pid_namespaces(7). */
function hasEnded(pid: number): boolean {
  const stat = readProc(pid, 'stat');
  return stat === undefined || / [ZX] /.test(stat.slice(stat.lastIndexOf(')')));
}

async function recordedPid(layout: Layout, file: string): Promise<number | undefined> {
  const text = await readFile(`${layout.state}/${file}`, 'utf8').catch(() => '');
  return /^[1-9]\d*\n$/.test(text) ? Number(text) : undefined;
}

async function pidsInNetwork({ name }: Layout): Promise<number[]> {
  const command = ['ip', 'netns', 'pids', name];
  if (!(await succeeds(command))) return [];
  return (await run(command)).split('\n').filter(Boolean).map(Number);
}

function readProc(pid: number, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    // Gone between two looks.
    return undefined;
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
